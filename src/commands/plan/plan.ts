/** `twilio-governor plan`: a recorded day once more, with other settings. */
import { lineOptions } from '../../line-options.ts'
import type { Settings } from '../../config/schema/settings.ts'
import { createRandom } from '../../simulator/model/random.ts'
import type { RouteRate } from '../../simulator/model/settings.ts'
import { accountNames } from './recording/account-names.ts'
import { Figures } from './figures.ts'
import { PlanError } from './plan-error.ts'
import { emptyReading, readLog, type Reading } from './recording/read-log.ts'
import { Replay } from './replay/replay.ts'
import { notes } from './notes.ts'
import type { Report } from './report.ts'
import { rulesIn } from './recording/rules-in.ts'
import { SimulatedClock } from './replay/simulated-clock.ts'
import { withFile } from './recording/spool.ts'
import { Survey } from './recording/survey.ts'

export interface PlanOptions {
  readonly settings: Settings
  /** Path of the log; `-` for standard input. */
  readonly log: string
  /** Requests that each account may have at Twilio at once; undefined: what the log shows of it. */
  readonly ceiling: number | undefined
  readonly rates: readonly RouteRate[]
  /** Seed of all random numbers. */
  readonly seed: number
}

export function runPlan (options: PlanOptions): Promise<Report> {
  return withFile(options.log, (file) => planOf(file, options))
}

async function planOf (file: string, { settings, ceiling, rates, seed }: PlanOptions): Promise<Report> {
  const reading = emptyReading()
  const survey = new Survey()
  for await (const piece of readLog(file, reading)) for (const recorded of piece) survey.add(recorded)
  if (reading.exchanges === 0) throw new PlanError(nothingUsable(reading))
  const guesses = survey.finish()
  const figures = new Figures()
  const clock = new SimulatedClock(survey.startMs)
  const replay = new Replay({
    line: lineOptions(settings),
    twilio: {
      ceilingOf: (account) => ceiling ?? guesses.get(account)?.ceiling ?? Infinity,
      rates,
      times: survey.times
    },
    account: accountNames(settings.accounts.aliases, [
      ...Object.keys(settings.accounts.aliases),
      ...Object.values(settings.accounts.map),
      ...rulesIn(settings).accounts
    ]),
    random: createRandom(seed, 'plan').next,
    listener: (event) => { if (event.type === 'paced') figures.paced(event.rule, event.waitMs) },
    over: (recorded, name, outcome) => { figures.add(recorded, name, outcome) }
  }, clock)
  for await (const piece of readLog(file, emptyReading())) await replay.play(piece)
  await replay.finish()
  return {
    reading,
    startMs: survey.startMs,
    endMs: survey.endMs,
    accounts: [...guesses].map(([account, guess]) =>
      ({ account, guess, assumed: ceiling ?? guess.ceiling, peak: replay.twilio.peaks.get(account) ?? 0 })),
    isCeilingGiven: ceiling !== undefined,
    figures,
    notes: notes(settings, survey, reading, figures, replay.deferrable)
  }
}

function nothingUsable ({ others, broken, firstBroken }: Reading): string {
  if (broken > 0) {
    return `No line of the log is an exchange. ${broken} cannot be read as JSON, the first is line ${firstBroken}. plan needs the proxy's standard output, with LOG_LEVEL info.`
  }
  if (others > 0) {
    return `The log has ${others} lines and none is an exchange. The proxy writes those with LOG_LEVEL info or below.`
  }
  return 'The log is empty.'
}
