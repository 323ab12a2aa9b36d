/** From the settings to the options of the straight line. */
import type { Settings } from './config/schema/settings.ts'
import { createOpenHours } from './open-hours/open-hours.ts'
import { createAimd } from './policy/limit/aimd.ts'
import { createCeiling } from './policy/limit/ceiling.ts'
import { createFixed } from './policy/limit/fixed.ts'
import { resume } from './policy/limit/remembered.ts'
import { withRouteLimits } from './policy/routes/route-limits.ts'
import type { LimitFactory } from './proxy/gate/accounts.ts'
import { pacingRules } from './proxy/pacing/pacing-rule.ts'
import type { OpenHours } from './proxy/ports/open-hours.ts'
import type { LineOptions } from './proxy/create-line.ts'

/** All but what a running proxy adds. */
type LineSettings = Omit<LineOptions, 'switches' | 'deferral' | 'recall' | 'clock' | 'random'>

/** What the settings say of the straight line, for the proxy and for a log that is played through it. */
export function lineOptions (settings: Settings, openHours = ruleOpenHours(settings)): LineSettings {
  const { map, max, idleMs } = settings.accounts
  const { classes, ...gate } = settings.queue
  return {
    accounts: { map, max, idleMs },
    gate: { mode: settings.limit.mode, ...gate },
    classes,
    deadline: settings.deadline,
    retry: settings.retry,
    duplicates: settings.duplicates,
    caps: settings.guard.caps,
    coalesce: settings.coalesce,
    pacing: pacingRules(settings.pacing, openHours),
    callbacks: settings.callbacks,
    createLimit: limitFactory(settings.limit)
  }
}

/** The open hours of the rules that have some. */
export function ruleOpenHours ({ pacing: { rules } }: Settings): ReadonlyMap<string, OpenHours> {
  return new Map(Object.entries(rules).flatMap(
    ([name, { openHours }]) => openHours === undefined ? [] : [[name, createOpenHours(openHours)]]
  ))
}

function limitFactory (options: Settings['limit']): LimitFactory {
  const create = algorithmFactory(options)
  return options.announcements ? (remembered) => withRouteLimits(create(remembered)) : create
}

function algorithmFactory (options: Settings['limit']): LimitFactory {
  switch (options.algorithm) {
    case 'ceiling': return (remembered) => createCeiling({ ...options, ...remembered && resume(remembered, options) })
    case 'aimd': return (remembered) => createAimd({ ...options, ...remembered && resume(remembered, options) })
    case 'fixed': return () => createFixed(options.fixed)
  }
}
