/** How the keys of a pacing rule must agree, and the names of rules and presets. */
import { checksOf, type Check, type KeyCheck } from './check.ts'
import { pacingRule } from '../schema/sections/pacing.ts'
import type { Settings } from '../schema/settings.ts'
import { shownText } from '../shown.ts'
import { placeIn, placesIn, type Place } from '../tree.ts'
import { dotted } from '../validate.ts'

type Rule = Settings['pacing']['rules'][string]

/** A key that needs another beside it, unless one is there with which it is wrong anyhow. */
const beside = (key: keyof Rule, other: keyof Rule, ...wrong: ReadonlyArray<keyof Rule>): KeyCheck<Rule> => ({
  key,
  reads: [key, other, ...wrong],
  lacking: true,
  fault: (rule) => (rule[key] ?? false) !== false && [other, ...wrong].every((name) => rule[name] === undefined)
    ? `must have ${other} beside it; found none`
    : undefined
})

const CHECKS: ReadonlyArray<KeyCheck<Rule>> = [
  {
    key: '',
    reads: ['perSecond', 'starts', 'intervalMs', 'openHours'],
    lacking: true,
    fault: ({
      perSecond,
      starts,
      intervalMs,
      openHours
    }) => [perSecond, starts, intervalMs, openHours].every((value) => value === undefined)
      ? 'must have a pace (perSecond, or starts and intervalMs) or openHours; found neither'
      : undefined
  },
  {
    key: 'perSecond',
    reads: ['perSecond', 'starts', 'intervalMs'],
    fault: ({
      perSecond,
      starts,
      intervalMs
    }) => perSecond !== undefined && (starts !== undefined || intervalMs !== undefined)
      ? 'must not be set beside starts or intervalMs: a rule has one pace'
      : undefined
  },
  beside('starts', 'intervalMs', 'perSecond'),
  beside('intervalMs', 'starts', 'perSecond'),
  beside('burst', 'perSecond'),
  {
    key: 'burst',
    reads: ['burst', 'perSecond'],
    fault: ({ burst, perSecond }) => burst !== undefined && perSecond !== undefined && burst < perSecond
      ? `must be at least perSecond (${perSecond}); found the number ${burst}`
      : undefined
  },
  beside('defer', 'openHours'),
  {
    key: 'defer',
    reads: ['defer', 'match.methods'],
    fault: ({ defer, match: { methods } }) => defer === true && methods?.includes('DELETE') === false
      ? `must have DELETE in match.methods, because the proxy defers nothing else; found ${methods.join(', ')}`
      : undefined
  }
]

const ZONE_LIKE = /^[A-Za-z_]{1,20}(?:\/[A-Za-z_-]{1,20}){1,2}$/

const HOURS_CHECKS: ReadonlyArray<KeyCheck<{ readonly timeZone: string }>> = [{
  key: 'timeZone',
  reads: ['timeZone'],
  fault: ({ timeZone }) => isTimeZone(timeZone)
    ? undefined
    : `must be a time zone of the IANA database, such as Europe/Berlin; found ${ZONE_LIKE.test(timeZone) ? `"${timeZone}"` : shownText(timeZone)}`
}]

export function pacingChecks (root: Place): readonly Check[] {
  const pacing = placeIn(root, 'pacing')
  const presets = placesIn(placeIn(pacing, 'presets'))
  const rules = placesIn(placeIn(pacing, 'rules'))
  return [
    ...presets.map((place) => namedOnce(place, presets)),
    ...rules.flatMap((place) => [
      notLikePreset(place, presets),
      ...checksOf(place, CHECKS, pacingRule),
      ...placesIn(placeIn(place, 'openHours')).flatMap((hours) => checksOf(hours, HOURS_CHECKS))
    ])
  ]
}

function namedOnce ({ steps, value }: Place, presets: readonly Place[]): Check {
  const [first] = presets.filter((preset) => preset.value === value)
  return {
    steps,
    reads: [steps],
    fault: () => first === undefined || first.steps === steps
      ? undefined
      : `must be named once; found ${String(value)} as ${dotted(first.steps)}, too`
  }
}

function notLikePreset ({ steps }: Place, presets: readonly Place[]): Check {
  const preset = presets.find(({ value }) => value === steps.at(-1))
  return {
    steps,
    reads: [],
    fault: () => preset === undefined
      ? undefined
      : `must have another name: ${dotted(preset.steps)} has this one, and metrics and /state would show only one of the two`
  }
}

function isTimeZone (name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
