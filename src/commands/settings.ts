/** The settings of a command: where they come from, and what a user has to know of them. */
import { idleVariables } from '../config/environment.ts'
import { findConfigFile, type ConfigSource } from '../config/file.ts'
import { loadSettings } from '../config/load.ts'
import type { Settings } from '../config/schema/settings.ts'
import { exposures, type Exposure } from './exposures.ts'
import { fail } from './failure.ts'

/** What the help says of a file of settings. */
export const SETTINGS_FILE = 'YAML file; default: GOVERNOR_CONFIG, or ./config.yaml if present'

/** `lookHere`: ./config.yaml counts where no file is named. */
export function sourceOf (file: string | undefined, lookHere = true): ConfigSource {
  return { ...file === undefined ? {} : { file }, env: process.env, ...lookHere ? { cwd: process.cwd() } : {} }
}

/** Ends the process at once if the settings are at fault. */
export function readSettings (source: ConfigSource): Settings {
  try {
    return loadSettings(source)
  } catch (error) {
    fail(error)
    process.exit()
  }
}

/** What is allowed, and should be known. */
export function concerns (settings: Settings, source: ConfigSource): readonly Exposure[] {
  const idle = idleVariables(source.env).map(({ name, advice }) => ({ setting: name, advice }))
  return [...idle, ...exposures(settings, findConfigFile(source)?.name)]
}
