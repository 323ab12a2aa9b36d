/** `twilio-governor plan` */
import type { Command } from 'commander'
import { fail } from './failure.ts'
import type { PlanFlags } from './plan/flags.ts'
import { readSettings, SETTINGS_FILE, sourceOf } from './settings.ts'
import { wholeNumber } from './whole-number.ts'

export function addPlan (program: Command): void {
  program.command('plan')
    .description('play a recorded log through other settings, in simulated time: waits, 429s and calls, then and so')
    .requiredOption(
      '-l, --log <file>', 'what the proxy wrote to standard output; .gz is unpacked, - is standard input'
    )
    .option('-c, --config <file>', SETTINGS_FILE)
    .option(
      '--ceiling <requests>',
      'requests that an account may have at Twilio at once; otherwise what the log shows of it',
      wholeNumber(1, 1_000_000)
    )
    .option(
      '--rate <route=number>',
      "a route's own limit at Twilio, starts per second, " +
        "such as 'POST verify/v2/Services/{}/Verifications=10'; may be given again",
      (rate: string, rates: readonly string[]) => [...rates, rate],
      []
    )
    .option('--seed <number>', 'seed of everything random', wholeNumber(0, 0xffffffff), 1)
    .option('--json', 'the report for programs')
    .action(plan)
}

async function plan ({ config, log, ceiling, rate, seed, json }: PlanFlags, command: Command): Promise<void> {
  const settings = readSettings(sourceOf(config))
  const { parseRates } = await import('./plan/flags.ts')
  const { runPlan } = await import('./plan/plan.ts')
  const { describe, toJson } = await import('./plan/report.ts')
  const rates = parseRates(rate, (sentence) => command.error(sentence))
  try {
    const report = await runPlan({ settings, log, ceiling, rates, seed })
    console.log(json === true ? toJson(report) : describe(report))
  } catch (error) {
    fail(error)
  }
}
