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
    return count === 0 ? '' : ` ${amount(count)} requests that the proxy refused for that reason then go through here.`
  }
  const found: Array<readonly [boolean, string]> = [
    [
      mode !== 'enforce',
      `limit.mode is ${mode}: the limit holds nothing back in the plan, just as in the proxy. Pacing rules still do. Compare with limit.mode: enforce.`
    ],
    [asks.has('fields'), 'Rules that ask for fields of the body match nothing here: a log has no bodies.'],
    [asks.has('query'), 'Rules that ask for query parameters match nothing here: a log has no queries.'],
    [
      counts.has('field') || counts.has('segments') || settings.pacing.presets.length > 0,
      'Rules that count by fields or by parts of the path count all requests together here, because a log has neither. They hold back more than they would.'
    ],
    [
      survey.creates > 0 && Object.values(guard.caps).some(({ mode }) => mode !== 'count'),
      `guard.caps refuse nothing here, because a log does not say where a request sends to. ${amount(survey.creates)} creates pass uncounted.${freed('spend_cap')}`
    ],
    [
      guard.switchesFile !== null || refusals.has('kill_switch'),
      `No kill switch is on here: plan does not read guard.switchesFile.${freed('kill_switch')}`
    ],
    [
      duplicates.mode === 'refuse',
      `duplicates.mode: refuse refuses nothing here, because a log does not say which creates repeat another.${freed('duplicate')}`
    ],
    [
      deferrable > 0,
      `${amount(deferrable)} of the deletes shed here as outside_open_hours match a rule with defer: true. A log does not say which of them have Prefer: respond-async. The proxy would answer those with 202 and send them when the rule opens. That is not in the plan.`
    ],
    [
      survey.deferred > 0,
      `The proxy stored ${amount(survey.deferred)} deletes for later then. Each comes twice here: when the client asked for it, and when the proxy sent it.`
    ],
    [
      survey.old > 0,
      `${survey.old} lines come from a version whose log had no 429s and no time allowed. plan takes 429s from the attempts, and deadlines from deadline.defaultMs.`
    ],
    [
      settings.coalesce.inFlight && survey.unnamed > 0,
      `${survey.unnamed} GETs do not name what they ask for (resource). plan takes them to differ, so they share nothing.`
    ],
    [
      settings.coalesce.inFlight,
      'A log does not say which resource a write changes. Here no read shares a call that began before any write to its route, so the plan saves fewer calls than the proxy would.'
    ],
    [
      settings.queue.classes.length > 0 && survey.reclassed > 0,
      'Some requests had another class than they would have by themselves, perhaps from a Governor-Class header. In the proxy that header decides; here a matching rule of these settings does.'
    ],
    [reading.late > 0, `${reading.late} lines were too far out of order, and start late here.`],
    [figures.groups('account').has('other'), 'plan takes all accounts that the log calls "other" for one.']
  ]
  return [...found.filter(([holds]) => holds).map(([, note]) => note), ...ALWAYS]
}

const ALWAYS = [
  'Requests arrive when they arrived then. A caller that waits for one answer before it sends the next would send later.',
  'Twilio takes as long as it took then. It does not get slower under load, nor faster without load.'
]
