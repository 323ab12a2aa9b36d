import { readFile } from 'node:fs/promises'
import { parseDocument } from 'yaml'
import { createScenario, type Change, type Scenario, type SettingsPatch } from '../model/scenario.ts'
import { scenarioContradictions, scenarioFaults, type Fault } from './validate.ts'

export { defaultScenario, type Scenario } from '../model/scenario.ts'

/** A scenario that cannot be played. Lists every fault found, not just the first. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError'
  readonly faults: readonly Fault[]

  constructor (source: string, faults: readonly Fault[]) {
    const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`
    super([
      `${count} in ${source}`,
      ...faults.map(({ path, message }) => `  ${path === '' ? 'the whole file' : path}: ${message}`)
    ].join('\n'))
    this.faults = faults
  }
}

/** Reads a scenario from a YAML file; throws a ScenarioError when it says something that cannot be. */
export async function loadScenario (path: string): Promise<Scenario> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw new ScenarioError(path, [{
      path: '',
      message: `cannot be read (${cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'})`
    }])
  }
  return parseScenario(text, path)
}

/** Reads a scenario from YAML text; `source` names it in errors. */
export function parseScenario (text: string, source = 'the scenario'): Scenario {
  const document = parseDocument(text, { prettyErrors: true, stringKeys: true })
  if (document.errors.length > 0) {
    throw new ScenarioError(source, document.errors.map(({ message, linePos }) => ({
      path: linePos === undefined ? '' : `line ${linePos[0].line}`,
      message: (message.split('\n')[0] ?? message).replace(/ at line \d+, column \d+:$/, '')
    })))
  }
  let value: unknown
  try {
    value = document.toJS() ?? {}
  } catch {
    // Shows only when aliases are followed.
    throw new ScenarioError(source, [{ path: '', message: 'has unknown or too many aliases' }])
  }
  const faults = scenarioFaults(value)
  if (faults.length > 0) throw new ScenarioError(source, faults)
  // The schema has just said that it is one.
  const { timeline = [], ...settings } = value as SettingsPatch & { readonly timeline?: readonly Change[] }
  const scenario = createScenario(settings, timeline)
  const clashes = scenarioContradictions(scenario)
  if (clashes.length > 0) throw new ScenarioError(source, clashes)
  return scenario
}
