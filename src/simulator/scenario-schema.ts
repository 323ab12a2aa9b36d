import { Type, type TObject, type TSchema } from 'typebox'
import { FAULT_KINDS } from './model/settings.ts'

const closed = { additionalProperties: false }
const ms = (maximum = 3_600_000): TSchema => Type.Number({ minimum: 0, maximum })
const share = Type.Number({ minimum: 0, maximum: 1 })
const count = (maximum: number, minimum = 0): TSchema => Type.Integer({ minimum, maximum })
const word = (...words: readonly string[]): TSchema => Type.Unsafe<string>({ type: 'string', enum: words })
// What may stand in a header: printable, or nothing.
const headerText = { type: 'string', pattern: '^[ -~]*$', maxLength: 200 }

const family = word('auto', 'classic', 'camelcase', 'problem', 'comms', 'xml')
const code = count(99_999, 10_000)
const accountSid = { type: 'string', pattern: '^AC[0-9A-Za-z]{32}$' }

const target = {
  method: word('GET', 'POST', 'PUT', 'PATCH', 'DELETE'),
  product: Type.String({ pattern: '^[a-z][a-z-]*$' }),
  route: Type.String({ pattern: '^/' })
}
const rule = (fields: Record<string, TSchema>, ...required: readonly string[]): TSchema => optional({ ...target, ...fields }, required)

/** Every key may be left out, except those named. */
function optional (fields: Record<string, TSchema>, required: readonly string[] = []): TObject {
  return Type.Object(Object.fromEntries(Object.entries(fields)
    .map(([name, schema]) => [name, required.includes(name) ? schema : Type.Optional(schema)])), closed)
}

const latency = { medianMs: ms(600_000), p99Ms: ms(600_000) }
const settings: Record<string, TSchema> = {
  seed: count(4_294_967_295),
  limit: count(1_000_000),
  limits: Type.Unsafe<Record<string, number>>({ type: 'object', propertyNames: accountSid, additionalProperties: count(1_000_000) }),
  keys: Type.Unsafe<Record<string, string>>({ type: 'object', additionalProperties: accountSid }),
  accountingLagMs: ms(60_000),
  wireDelayMs: ms(60_000),
  wireJitterMs: ms(60_000),
  latency: optional(latency),
  latencyByRoute: Type.Array(rule(latency, 'medianMs', 'p99Ms')),
  slowFactor: Type.Number({ minimum: 0, maximum: 1000 }),
  otherClients: optional({
    slots: count(1_000_000), workers: count(10_000), retryMs: ms(60_000), onMs: ms(), offMs: ms()
  }),
  headers: optional({
    present: Type.Boolean(),
    presentOn429: Type.Boolean(),
    takenAt: word('arrival', 'departure'),
    countOn429: word('with_refused', 'without_refused', 'one'),
    noise: share,
    lagMs: ms(60_000),
    value: Type.Unsafe<string | null>({ ...headerText, type: ['string', 'null'] }),
    duration: Type.Boolean()
  }),
  refusals: optional({
    family, retryAfterS: Type.Unsafe<number | null>({ type: ['integer', 'null'], minimum: 0, maximum: 86_400 }), delayMs: ms(60_000)
  }),
  routeRates: Type.Array(rule({
    perSecond: Type.Number({ exclusiveMinimum: 0, maximum: 1_000_000 }), burst: count(1_000_000, 1), code, family, retryAfterS: count(86_400)
  }, 'perSecond')),
  random429: Type.Array(rule({ probability: share, code, family, retryAfterS: count(86_400) }, 'probability')),
  faults: Type.Array(rule({
    kind: word(...FAULT_KINDS),
    probability: share,
    next: count(1_000_000_000, 1),
    processed: Type.Boolean(),
    bodyMs: ms(600_000),
    value: Type.Unsafe<string>(headerText)
  }, 'kind')),
  media: optional({ bytes: count(10_000_000_000), chunked: Type.Boolean(), recordings: count(1000) }),
  maxResources: count(10_000_000, 1)
}

const { seed: _seed, ...changeable } = settings

/** Settings to change while it runs: not the seed, chance has begun. */
export const patchSchema = optional(changeable)

const change = Type.Object({ atMs: ms(86_400_000), set: patchSchema }, closed)

/** A scenario file: settings at its start, and a timeline. */
export const scenarioSchema = optional({ ...settings, timeline: Type.Array(change) })
