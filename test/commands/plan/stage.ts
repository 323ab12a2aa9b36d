import { lineOptions } from '../../../src/line-options.ts'
import { loadSettings } from '../../../src/config/load.ts'
import { accountNames } from '../../../src/commands/plan/recording/account-names.ts'
import { Figures } from '../../../src/commands/plan/figures.ts'
import type { Outcome } from '../../../src/commands/plan/replay/outcome.ts'
import type { Recorded } from '../../../src/commands/plan/recording/recorded.ts'
import { Replay } from '../../../src/commands/plan/replay/replay.ts'
import { SimulatedClock } from '../../../src/commands/plan/replay/simulated-clock.ts'
import { Survey } from '../../../src/commands/plan/recording/survey.ts'
import type { RouteRate } from '../../../src/simulator/model/settings.ts'
import { T0 } from './lines.ts'

export interface Played {
  /** In the order in which the requests were over. */
  readonly ends: ReadonlyArray<Outcome & { readonly class: string, readonly caller: string, readonly atMs: number }>
  readonly figures: Figures
  readonly replay: Replay
  readonly liveTimers: number
}

/** Plays lines through settings given as YAML. */
export async function play (t: { testdir: (files: Record<string, string>) => string }, yaml: string, lines: readonly Recorded[], { ceiling = Infinity, rates = [] }: { ceiling?: number, rates?: readonly RouteRate[] } = {}): Promise<Played> {
  const settings = loadSettings({ env: {}, cwd: t.testdir({ 'config.yaml': yaml }) })
  const sorted = [...lines].sort((a, b) => a.arrivalMs - b.arrivalMs)
  const survey = new Survey()
  for (const line of sorted) survey.add(line)
  const clock = new SimulatedClock(survey.startMs)
  const figures = new Figures()
  const ends: Array<Played['ends'][number]> = []
  const replay = new Replay({
    line: lineOptions(settings),
    twilio: { ceilingOf: () => ceiling, rates, times: survey.times },
    account: accountNames(settings.accounts.aliases, settings.queue.classes.flatMap(({ match }) => match.accounts ?? [])),
    random: () => 0.5,
    listener: (event) => { if (event.type === 'paced') figures.paced(event.rule, event.waitMs) },
    over: (recorded, name, outcome) => {
      figures.add(recorded, name, outcome)
      ends.push({ ...outcome, class: name, caller: recorded.caller, atMs: clock.nowMs() - T0 })
    }
  }, clock)
  await replay.play(sorted)
  await replay.finish()
  return { ends, figures, replay, liveTimers: clock.liveTimers }
}
