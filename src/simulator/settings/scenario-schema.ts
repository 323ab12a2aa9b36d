import type { AnySchemaObject } from 'ajv'
import { FAULT_KINDS } from '../model/settings.ts'

const closed = { additionalProperties: false }
const number = (minimum: number, maximum: number): AnySchemaObject => ({ type: 'number', minimum, maximum })
const ms = (maximum = 3_600_000): AnySchemaObject => number(0, maximum)
const share = number(0, 1)
const count = (maximum: number, minimum = 0): AnySchemaObject => ({ type: 'integer', minimum, maximum })
const word = (...words: readonly string[]): AnySchemaObject => ({ type: 'string', enum: words })
const list = (items: AnySchemaObject): AnySchemaObject => ({ type: 'array', items })
const flag = { type: 'boolean' }
// What may stand in a header: printable, or nothing.
const headerText = { type: 'string', pattern: '^[ -~]*$', maxLength: 200 }

const family = word('auto', 'classic', 'camelcase', 'problem', 'comms', 'xml')
const code = count(99_999, 10_000)
const accountSid = { type: 'string', pattern: '^AC[0-9A-Za-z]{32}$' }
const credentialSid = { type: 'string', pattern: '^CR[0-9A-Za-z]{32}$' }
const publicKey = { type: 'string', pattern: '^-----BEGIN PUBLIC KEY-----', maxLength: 10_000 }

const target = {
  method: word('GET', 'POST', 'PUT', 'PATCH', 'DELETE'),
  product: { type: 'string', pattern: '^[a-z][a-z-]*$' },
  route: { type: 'string', pattern: '^/' }
}
const rule = (fields: Record<string, AnySchemaObject>, ...required: readonly string[]): AnySchemaObject =>
  optional({ ...target, ...fields }, required)

/** Every key may be left out, except those named. */
function optional (fields: Record<string, AnySchemaObject>, required: readonly string[] = []): AnySchemaObject {
  return { type: 'object', properties: fields, required, ...closed }
}

const latency = { medianMs: ms(600_000), p99Ms: ms(600_000) }
const settings: Record<string, AnySchemaObject> = {
  seed: count(4_294_967_295),
  limit: count(1_000_000),
  limits: { type: 'object', propertyNames: accountSid, additionalProperties: count(1_000_000) },
  keys: { type: 'object', additionalProperties: accountSid },
  publicKeys: { type: 'object', propertyNames: credentialSid, additionalProperties: publicKey },
  accountingLagMs: ms(60_000),
  wireDelayMs: ms(60_000),
  wireJitterMs: ms(60_000),
  latency: optional(latency),
  latencyByRoute: list(rule(latency, 'medianMs', 'p99Ms')),
  slowFactor: number(0, 1000),
  otherClients: optional({
    slots: count(1_000_000), workers: count(10_000), retryMs: ms(60_000), onMs: ms(), offMs: ms()
  }),
  headers: optional({
    present: flag,
    presentOn429: flag,
    takenAt: word('arrival', 'departure'),
    countOn429: word('with_refused', 'without_refused', 'one'),
    noise: share,
    lagMs: ms(60_000),
    value: { ...headerText, type: ['string', 'null'] },
    duration: flag
  }),
  refusals: optional({
    family, retryAfterS: { type: ['integer', 'null'], minimum: 0, maximum: 86_400 }, delayMs: ms(60_000)
  }),
  routeRates: list(rule({
    perSecond: { type: 'number', exclusiveMinimum: 0, maximum: 1_000_000 },
    burst: count(1_000_000, 1),
    code,
    family,
    retryAfterS: count(86_400),
    window: word('bucket', 'fixed', 'sliding'),
    announce: word('all', 'admitted', 'none'),
    parameter: { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9_.]*$', maxLength: 64 }
  }, 'perSecond')),
  random429: list(rule({ probability: share, code, family, retryAfterS: count(86_400) }, 'probability')),
  faults: list(rule({
    kind: word(...FAULT_KINDS),
    probability: share,
    next: count(1_000_000_000, 1),
    processed: flag,
    bodyMs: ms(600_000),
    value: headerText
  }, 'kind')),
  media: optional({ bytes: count(10_000_000_000), chunked: flag, recordings: count(1000) }),
  maxResources: count(10_000_000, 1)
}

const { seed: _seed, ...changeable } = settings

/** Settings to change while it runs: not the seed, chance has begun. */
export const patchSchema = optional(changeable)

const change = optional({ atMs: ms(86_400_000), set: patchSchema }, ['atMs', 'set'])

/** A scenario file: settings at its start, and a timeline. */
export const scenarioSchema = optional({ ...settings, timeline: list(change) })
