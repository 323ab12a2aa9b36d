import { Ajv, type AnySchemaObject, type ErrorObject } from 'ajv'
import { TRAFFIC_CLASSES } from '../../../src/twilio/types.ts'
import { QUANTITIES, REFERENCES } from './format.ts'
import { REQUEST_NAMES } from './requests.ts'

const number = (minimum: number, maximum: number): AnySchemaObject => ({ type: 'number', minimum, maximum })
const count = (minimum: number, maximum: number): AnySchemaObject => ({ type: 'integer', minimum, maximum })
const seconds = number(0, 3600)
const word = (words: readonly string[]): AnySchemaObject => ({ type: 'string', enum: words })
const name = { type: 'string', pattern: '^[a-z][a-z0-9 ]*$' }
const bound = { type: 'number' }

function closed (fields: Record<string, AnySchemaObject>, ...required: string[]): AnySchemaObject {
  return { type: 'object', properties: fields, required, additionalProperties: false }
}

const named = (items: AnySchemaObject): AnySchemaObject => ({ type: 'object', propertyNames: name, additionalProperties: items })

const arrivals = { workers: count(1, 20_000), perSecond: number(0.01, 5000), ofCapacity: number(0.01, 10), burst: count(1, 100_000) }

const stream = {
  ...closed({
    ...arrivals,
    burstMs: count(1, 60_000),
    fromS: seconds,
    toS: seconds,
    request: word(REQUEST_NAMES),
    class: word(TRAFFIC_CLASSES),
    deadlineMs: count(100, 600_000),
    account: count(1, 99),
    paddingBytes: count(0, 10_000_000),
    extra: { type: 'boolean' }
  }),
  oneOf: Object.keys(arrivals).map((key) => ({ required: [key] }))
}

const schema = closed({
  about: { type: 'string', minLength: 1 },
  // Judged by the simulator's own schema, and by the proxy's.
  simulator: { type: 'object' },
  proxies: closed({ count: count(1, 64), everyS: seconds, config: { type: 'object' } }),
  load: { ...named(stream), minProperties: 1 },
  lengthS: number(1, 3600),
  windows: named(closed({ fromS: seconds, toS: seconds }, 'fromS', 'toS')),
  pinned: count(1, 100_000),
  compare: { type: 'boolean' },
  shows: name,
  yardstick: word(REFERENCES.filter((reference) => reference !== 'ideal')),
  expect: {
    type: 'array',
    items: {
      ...closed({
        what: word(Object.keys(QUANTITIES)), in: name, stream: name, of: word(REFERENCES), least: bound, most: bound, worst: bound
      }, 'what'),
      anyOf: [{ required: ['least'] }, { required: ['most'] }]
    }
  }
}, 'about', 'load', 'lengthS', 'expect')

const isFile = new Ajv({ allErrors: true, strict: true, strictRequired: false }).compile(schema)

/** Everything that the schema does not accept in a scenario file, a line each. */
export const schemaFaults = (value: unknown): readonly string[] => isFile(value) ? [] : (isFile.errors ?? []).flatMap(told)

function told ({ instancePath, schemaPath, keyword, params, message = keyword }: ErrorObject): readonly string[] {
  const at = instancePath.slice(1).replaceAll('/', '.')
  const given = params as Readonly<Record<string, unknown>>
  switch (keyword) {
    case 'additionalProperties': return [`${at === '' ? '' : `${at}.`}${String(given['additionalProperty'])}: there is no such key`]
    case 'required': return /\/(oneOf|anyOf)\//.test(schemaPath) ? [] : [`${at}: ${message}`]
    case 'oneOf': return [`${at}: exactly one of ${Object.keys(arrivals).join(', ')}`]
    case 'anyOf': return [`${at}: least, most or both`]
    case 'enum': return [`${at}: must be one of ${(given['allowedValues'] as readonly string[]).join(', ')}`]
    default: return [`${at}: ${message}`]
  }
}
