/** `twilio-governor plan` */
import type { Command } from 'commander'
import { fail } from './failure.ts'
import type { PlanFlags } from './plan/flags.ts'
import { readSettings, SETTINGS_FILE, sourceOf } from './settings.ts'
import { wholeNumber } from './whole-number.ts'

export function addPlan (program: Command): void {
  program.command('plan')
    .description('replay a recorded log with other settings, in simulated time, and compare waits, 429s and calls')
    .requiredOption(
      '-l, --log <file>', 'log that the proxy wrote to standard output; plan unpacks .gz files, and - is standard input'
    )
    .option('-c, --config <file>', SETTINGS_FILE)
    .option(
      '--ceiling <requests>',
      'ceiling: requests that an account may have in flight at Twilio; default: what the log shows',
      wholeNumber(1, 1_000_000)
    )
    .option(
      '--rate <route=number>',
      "a route's own limit at Twilio, starts per second, " +
        "such as 'POST verify/v2/Services/{}/Verifications=10'; you can repeat the option",
      (rate: string, rates: readonly string[]) => [...rates, rate],
      []
    )
    .option('--seed <number>', 'seed of all random numbers', wholeNumber(0, 0xffffffff), 1)
    .option('--json', 'print the report as JSON')
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
