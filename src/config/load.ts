import { crossCheck } from './checks/checks.ts'
import { egressFaults } from './checks/egress-checks.ts'
import { cleaned, flagged, overrides, ownDefaults, type Override } from './environment.ts'
import { ConfigError, type Fault } from './faults.ts'
import { findConfigFile, readConfigFile, type ConfigSource } from './file.ts'
import type { Settings } from './schema/settings.ts'
import { deepFreeze, valueAt, withDefaults, withValue } from './tree.ts'
import { validate, type LocatedFault } from './validate.ts'
import { parseYaml, type YamlFile } from './yaml.ts'

/**
 * The settings in force: options over environment over file over defaults (first those of the image), complete and
 * frozen.
 * @throws ConfigError with every fault of the file and the environment at once.
 */
export function loadSettings (source: ConfigSource): Settings {
  const env = cleaned(source.env)
  const file = findConfigFile({ ...source, env })
  const { text, faults: unread } = file === undefined ? { text: '', faults: [] } : readConfigFile(file, source.cwd)
  const yaml = parseYaml(text)
  const flags = flagged(source.flags ?? {})
  const set = [
    ...ownDefaults(
      env,
      (key) => valueAt(yaml.value, key) !== undefined
    ), ...overrides(env).filter(({ key }) => !flags.some((flag) => flag.key === key)), ...flags
  ]
  const inFile = validate(withDefaults(yaml.value))
  const inEnvironment = validate(overlay(withDefaults({}), set))
  const settings = overlay(withDefaults(yaml.value), set)
  const faulty = (key: readonly string[]): boolean =>
    [...inFile, ...inEnvironment].some(({ steps }) => isOn(steps, key))
  // How keys agree can be judged only when the whole file is known.
  const between = unread.length > 0 || yaml.value === undefined ? [] : crossCheck(settings, faulty)
  const fromVariable = ({ path }: LocatedFault): boolean => set.some(({ key }) => key === path)
  const faults: readonly Fault[] = [
    ...unread,
    ...yaml.faults,
    ...withLines([...inFile, ...between.filter((fault) => !fromVariable(fault))], yaml),
    ...once([...inEnvironment, ...between.filter(fromVariable)].map((fault) => withVariable(fault, set)))
  ]
  // It is judged with the environment, and only where all else is sound.
  const egress = faults.length > 0
    ? []
    : egressFaults(settings as Settings, source.env).map(
      (fault) => withVariable({ ...fault, steps: fault.path.split('.') }, set)
    )
  if (faults.length + egress.length > 0) throw new ConfigError(file?.name, [...faults, ...egress])
  // The schema, from which the type is derived, has accepted it.
  return deepFreeze(settings as Settings)
}

const overlay = (tree: unknown, set: readonly Override[]): unknown =>
  set.reduce((result, { key, value }) => withValue(result, key, value), tree)

/** True when the fault is at the key, in it, or in a section around it. */
const isOn = (steps: readonly string[], key: readonly string[]): boolean =>
  steps.every((step, i) => i >= key.length || step === key[i])

/** In the order of the file; what is only a default comes last. */
function withLines (faults: readonly LocatedFault[], yaml: YamlFile): readonly Fault[] {
  return faults
    .map(({ steps, within = steps, path, message }) => ({ path, message, line: yaml.lineOf(within) ?? Infinity }))
    .sort((a, b) => a.line === b.line ? 0 : a.line - b.line)
    .map(({ path, message, line }) => ({ path, message: line === Infinity ? message : `${message} (line ${line})` }))
}

/** A variable that serves two keys is reported once. */
const once = (faults: readonly Fault[]): readonly Fault[] =>
  faults.filter(
    ({ path, message }, i) => faults.findIndex((other) => other.path === path && other.message === message) === i
  )

function withVariable ({ path, message }: LocatedFault, set: readonly Override[]): Fault {
  const override = set.find(({ key }) => key === path)
  if (override === undefined) return { path, message }
  return { path: override.name, message }
}
