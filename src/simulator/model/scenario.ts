import { defaultSettings, type Settings } from './settings.ts'

/** Settings to change: a group (such as `headers`) key by key, anything else as a whole. */
export type SettingsPatch = {
  readonly [K in keyof Settings]?: Settings[K] extends readonly unknown[]
    ? Settings[K]
    : Settings[K] extends object ? Partial<Settings[K]> : Settings[K]
}

export interface Change {
  /** Milliseconds after the start of the scenario. */
  readonly atMs: number
  readonly set: SettingsPatch
}

/** The settings at the start, and what becomes of them. */
export interface Scenario extends Settings {
  /** In the order of their time. */
  readonly timeline: readonly Change[]
}

/** Limit 100, median 110 ms, 20 ms of wire each way, exact headers, seed 1, no faults. */
export const defaultScenario: Scenario = { ...defaultSettings, timeline: [] }

/** The default scenario with other settings at its start, and a timeline in any order. */
export function createScenario (patch: SettingsPatch = {}, timeline: readonly Change[] = []): Scenario {
  return {
    ...changed(defaultSettings, patch),
    timeline: [...timeline].sort((a, b) => a.atMs - b.atMs)
  }
}

/** The settings at the start. */
export function startOf (scenario: Scenario): Settings {
  const { timeline: _, ...settings } = scenario
  return settings
}

/**
 * Maps of names (`limits`, `keys`, `publicKeys`) are joined like groups. What a patch leaves alone keeps its identity,
 * so a count that belongs to a list of rules goes on when other settings change.
 */
export function changed (settings: Settings, patch: SettingsPatch): Settings {
  const result: Record<string, unknown> = { ...settings }
  for (const [key, value] of Object.entries(patch)) {
    const before = result[key]
    result[key] = isGroup(value) && isGroup(before) ? { ...before, ...value } : value
  }
  // The keys are those of the settings and each value has its type: both arguments say so.
  return result as unknown as Settings
}

const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What the timeline alone makes of the settings, so many milliseconds after the start. */
export function settingsAt (scenario: Scenario, elapsedMs: number): Settings {
  return scenario.timeline
    .filter(({ atMs }) => atMs <= elapsedMs)
    .reduce((settings, { set }) => changed(settings, set), startOf(scenario))
}
