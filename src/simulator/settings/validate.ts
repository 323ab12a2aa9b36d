import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import { settingsAt, startOf, type Scenario } from '../model/scenario.ts'
import type { Latency, Settings } from '../model/settings.ts'
import { patchSchema, scenarioSchema } from './scenario-schema.ts'

export interface Fault {
  /** Dotted, as in `timeline.0.set.limit`; empty for the whole. */
  readonly path: string
  readonly message: string
}

const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true })
const isPatch = ajv.compile(patchSchema)
const isScenario = ajv.compile(scenarioSchema)

/** Everything that is wrong with settings to change. */
export const patchFaults = (value: unknown): readonly Fault[] => isPatch(value) ? [] : faultsOf(isPatch.errors)

/** Everything that is wrong with the content of a scenario file. */
export const scenarioFaults = (value: unknown): readonly Fault[] => isScenario(value) ? [] : faultsOf(isScenario.errors)

// A key that is refused is told once, by propertyNames itself, not also by the rule inside it.
const faultsOf = (errors: ValidateFunction['errors']): readonly Fault[] =>
  (errors ?? []).filter(({ propertyName }) => propertyName === undefined).map(faultOf)

function faultOf ({ instancePath, keyword, params, message }: ErrorObject): Fault {
  const at = instancePath.slice(1).replaceAll('/', '.')
  const given = params as Readonly<Record<string, unknown>>
  const inside = (key: unknown): string => at === '' ? String(key) : `${at}.${String(key)}`
  switch (keyword) {
    case 'additionalProperties': return { path: inside(given['additionalProperty']), message: 'there is no such key' }
    case 'required': return { path: inside(given['missingProperty']), message: 'is missing' }
    case 'propertyNames': return {
      path: inside(given['propertyName']),
      message: at.endsWith('publicKeys') ? 'is not the SID of a public key' : 'is not an account SID'
    }
    case 'enum': return {
      path: at,
      message: `must be one of ${(given['allowedValues'] as readonly string[]).join(', ')}`
    }
    default: return { path: at, message: message ?? keyword }
  }
}

/** What no single key shows: a 99th percentile below its median. */
export function contradictions ({ latency, latencyByRoute }: Settings): readonly Fault[] {
  const faults = latencyByRoute.flatMap((rule, i) => spread(rule, `latencyByRoute.${i}`))
  return [...spread(latency, 'latency'), ...faults]
}

const spread = ({ medianMs, p99Ms }: Latency, path: string): readonly Fault[] =>
  p99Ms < medianMs ? [{ path: `${path}.p99Ms`, message: `must be at least medianMs, which is ${medianMs}` }] : []

/** The contradictions at the start of a scenario and after each of its changes. */
export function scenarioContradictions (scenario: Scenario): readonly Fault[] {
  const later = scenario.timeline.flatMap(({ atMs }) => contradictions(settingsAt(scenario, atMs))
    .map(({ path, message }) => ({ path, message: `${message}, ${atMs} ms after the start` })))
  const all = [...contradictions(startOf(scenario)), ...later]
  return all.filter(({ path }, i) => all.findIndex((other) => other.path === path) === i)
}
