import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parse } from 'yaml'
import { validate } from '../../../src/config/validate.ts'
import { withDefaults } from '../../../src/config/tree.ts'
import { parseScenario } from '../../../src/simulator/settings/scenario-file.ts'
import type { Expectation, Proxies, Scenario, Stream, Window } from './format.ts'
import { schemaFaults } from './schema.ts'

interface Written extends Omit<Scenario, 'name' | 'simulator' | 'proxies' | 'windows' | 'yardstick' | 'compare'> {
  readonly simulator?: Readonly<Record<string, unknown>>
  readonly proxies?: Partial<Proxies>
  readonly windows?: Readonly<Record<string, Window>>
  readonly yardstick?: Scenario['yardstick']
  readonly compare?: boolean
}

/** The scenarios of a folder in the order of their names. */
export function readScenarios (folder: string): readonly Scenario[] {
  return readdirSync(folder).filter((file) => file.endsWith('.yaml')).sort()
    .map((file) => parseScenarioText(readFileSync(join(folder, file), 'utf8'), basename(file, '.yaml')))
}

/** Reads a scenario; throws an error that lists every fault found. */
export function parseScenarioText (text: string, name: string): Scenario {
  const value: unknown = parse(text, { stringKeys: true })
  report(name, schemaFaults(value))
  // The schema has just said that it is one.
  const written = value as Written
  const proxies = { count: 1, everyS: 0, config: {}, ...written.proxies }
  report(name, [
    ...validate(withDefaults(proxies.config)).map(({ path, message }) => `proxies.config.${path}: ${message}`),
    ...Object.entries(written.load).flatMap(([stream, of]) => streamFaults(stream, of, written.lengthS)),
    ...Object.entries(written.windows ?? {}).flatMap(([window, of]) => spanFaults(`windows.${window}`, of, written.lengthS)),
    ...(written.shows === undefined || Object.hasOwn(written.load, written.shows) ? [] : [`shows: there is no stream ${written.shows}`]),
    ...written.expect.flatMap((expectation, i) => expectationFaults(`expect.${i}`, expectation, written))
  ])
  const simulator = parseScenario(JSON.stringify(written.simulator ?? {}), `simulator of ${name}`)
  return { compare: false, yardstick: 'fixed', windows: {}, ...written, name, simulator, proxies }
}

function streamFaults (name: string, { fromS = 0, toS, burst, burstMs }: Stream, lengthS: number): readonly string[] {
  const at = `load.${name}`
  return [
    ...spanFaults(at, { fromS, toS: toS ?? lengthS }, lengthS),
    ...(burst === undefined && burstMs !== undefined ? [`${at}.burstMs: only with burst`] : []),
    ...(burst !== undefined && toS !== undefined ? [`${at}.toS: a burst ends by itself`] : [])
  ]
}

function spanFaults (at: string, { fromS, toS }: Window, lengthS: number): readonly string[] {
  return fromS < toS && toS <= lengthS ? [] : [`${at}: must begin before it ends, and end within ${lengthS} s`]
}

function expectationFaults (at: string, { what, in: window, stream, of }: Expectation, { windows = {}, load }: Written): readonly string[] {
  const faults: string[] = []
  if (window !== undefined && !Object.hasOwn(windows, window)) faults.push(`${at}.in: there is no window ${window}`)
  if (stream !== undefined && !Object.hasOwn(load, stream)) faults.push(`${at}.stream: there is no stream ${stream}`)
  if (what === 'settleS' && of === undefined) faults.push(`${at}.of: says whose goodput is the target`)
  if (of === 'ideal' && what !== 'goodput' && what !== 'settleS') faults.push(`${at}.of: there is no ideal ${what}`)
  return faults
}

function report (name: string, faults: readonly string[]): void {
  if (faults.length > 0) throw new Error([`${name}: ${faults.length === 1 ? '1 fault' : `${faults.length} faults`}`, ...faults.map((fault) => `  ${fault}`)].join('\n'))
}
