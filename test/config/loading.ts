import type { Test } from 'tap'
import { ConfigError, type Fault } from '../../src/config/faults.ts'
import { loadSettings } from '../../src/config/load.ts'
import type { Settings } from '../../src/config/schema/settings.ts'

type Env = Readonly<Record<string, string>>

/** The settings that a config.yaml with this text gives. */
export function load (t: Test, text: string, env: Env = {}): Settings {
  return loadSettings({ cwd: t.testdir({ 'config.yaml': text }), env })
}

export function errorOf (load: () => unknown): ConfigError {
  try {
    load()
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('the settings were accepted')
}

/** The faults that a config.yaml with this text has. */
export function faults (t: Test, text: string, env: Env = {}): readonly Fault[] {
  return errorOf(() => load(t, text, env)).faults
}

/** Faults as they are printed. */
export const told = (faults: readonly Fault[]): readonly string[] => faults.map(({ path, message }) => `${path}: ${message}`)
