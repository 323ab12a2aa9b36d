/** What a plan cannot know, as far as it matters for these settings and this log. */
import type { Settings } from '../../config/schema/settings.ts'
import type { Figures } from './figures.ts'
import type { Reading } from './recording/read-log.ts'
import { rulesIn } from './recording/rules-in.ts'
import type { Survey } from './recording/survey.ts'
import { amount } from './wording.ts'

/** @param deferrable see Replay.deferrable */
export function notes (
  settings: Settings,
  survey: Survey,
  reading: Reading,
  figures: Figures,
  deferrable: number
): readonly string[] {
  const { asks, counts } = rulesIn(settings)
  const { mode } = settings.limit
  const { guard, duplicates } = settings
  const { refusals } = figures.all.then
  const freed = (reason: string): string => {
    const count = refusals.get(reason) ?? 0
    return count === 0 ? '' : ` ${amount(count)} requests that were refused then for that go through.`
  }
  const found: Array<readonly [boolean, string]> = [
    [
      mode !== 'enforce',
      `limit.mode is ${mode}: the limit holds nothing back in the plan, as it would not in the proxy; pacing rules do. See limit.mode: enforce.`
    ],
    [asks.has('fields'), 'Rules that ask for fields of the body match nothing here: a log has no bodies.'],
    [asks.has('query'), 'Rules that ask for query parameters match nothing here: a log has no queries.'],
    [
      counts.has('field') || counts.has('segments') || settings.pacing.presets.length > 0,
      'Rules that count apart by fields or by parts of the path count all together here, as a log has neither: they hold back more than they would.'
    ],
    [
      survey.creates > 0 && Object.values(guard.caps).some(({ mode }) => mode !== 'count'),
      `guard.caps refuse nothing here, as a log does not say where a request sends to: ${amount(survey.creates)} creates pass them uncounted.${freed('spend_cap')}`
    ],
    [
      guard.switchesFile !== null || refusals.has('kill_switch'),
      `No kill switch is on here: guard.switchesFile is not read, and nobody throws one.${freed('kill_switch')}`
    ],
    [
      duplicates.mode === 'refuse',
      `duplicates.mode: refuse refuses nothing here, as a log does not say which creates repeat another.${freed('duplicate')}`
    ],
    [
      deferrable > 0,
      `${amount(deferrable)} of the deletes refused here as outside_open_hours fall to a rule with defer: true. A log does not say who asks for that: those that say Prefer: respond-async would be answered with 202 and be sent when the rule opens, which is not in the plan.`
    ],
    [
      survey.deferred > 0,
      `${amount(survey.deferred)} deletes were kept for later then. Each comes twice here: when it was asked for, and when it was sent.`
    ],
    [
      survey.old > 0,
      `${survey.old} lines are of a version whose log did not tell of 429s and of the time allowed: 429s are taken from the attempts, deadlines from deadline.defaultMs.`
    ],
    [
      settings.coalesce.inFlight && survey.unnamed > 0,
      `${survey.unnamed} GETs have no name of what they ask for (resource): they are taken to differ, and share nothing.`
    ],
    [
      settings.coalesce.inFlight,
      'A log does not say which resource a write changes: here no read shares one that began before any write to its route, so fewer calls are saved than would be.'
    ],
    [
      settings.queue.classes.length > 0 && survey.reclassed > 0,
      'Some requests had another class than they would have by themselves. Where a rule of these settings matches, it decides; a Governor-Class header would.'
    ],
    [reading.late > 0, `${reading.late} lines were too far out of order, and start late here.`],
    [figures.groups('account').has('other'), 'Accounts that the log calls "other" are taken for one.']
  ]
  return [...found.filter(([holds]) => holds).map(([, note]) => note), ...ALWAYS]
}

const ALWAYS = [
  'Requests come when they came: a caller that waits for one answer before it sends the next would send later.',
  'Twilio takes as long as it took, and does not get slower under load or faster without.'
]
