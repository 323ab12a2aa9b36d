import type { Rate, Reservoir } from '../../policy/counts/pace-schedule.ts'
import type { Match } from '../match.ts'
import { PACING_PRESETS, type PresetName, type PresetRule } from './pacing-presets.ts'
import type { OpenHours } from '../ports/open-hours.ts'

/** What a rule counts apart, in addition to accounts. */
export interface CountedApart {
  /** Each route by itself. */
  readonly route?: boolean
  readonly caller?: boolean
  /** So many segments of the path, from its start: 3 of `/v1/Services/IS1/Documents` are a service. */
  readonly segments?: number
  /** Each value of this field of the body; requests without it count together. Values are held only as keyed hashes. */
  readonly field?: string
}

/** A pace for the requests that it matches. */
export interface PacingRule {
  readonly name: string
  readonly match: Match
  /** Undefined for a rule that only has open hours. */
  readonly pace: Rate | Reservoir | undefined
  readonly per: CountedApart
  /** When it is open; undefined for always. */
  readonly openHours?: OpenHours | undefined
  /** Deletes that may be deferred are stored until it opens. */
  readonly defer?: boolean
}

/** A rule as the settings have it: a rate, a reservoir, or neither. */
export interface PacingRuleOptions {
  readonly match: Match
  readonly perSecond?: number
  readonly burst?: number
  readonly starts?: number
  readonly intervalMs?: number
  readonly per?: CountedApart
  readonly defer?: boolean
}

export interface PacingOptions {
  readonly presets: readonly PresetName[]
  readonly rules: Readonly<Record<string, PacingRuleOptions>>
}

/** The rules of the settings: the presets by name, then the administrator's own. Some have open hours. */
export function pacingRules (
  { presets, rules }: PacingOptions,
  openHours: ReadonlyMap<string, OpenHours>
): readonly PacingRule[] {
  const shipped = presets.flatMap((name) =>
    PACING_PRESETS[name].rules.map(({ match, pace, per = {} }: PresetRule): PacingRule => ({ name, match, pace, per })))
  return [...shipped, ...Object.entries(rules).map(([name, rule]): PacingRule => ({
    name,
    match: rule.match,
    pace: paceOf(
      rule
    ),
    per: rule.per ?? {},
    openHours: openHours.get(name),
    defer: rule.defer === true
  }))]
}

function paceOf ({ perSecond, burst, starts, intervalMs }: PacingRuleOptions): PacingRule['pace'] {
  if (perSecond !== undefined) return { perSecond, ...burst === undefined ? {} : { burst } }
  return starts === undefined || intervalMs === undefined ? undefined : { starts, intervalMs }
}
