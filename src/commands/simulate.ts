/** `twilio-governor simulate` */
import { Option, type Command } from 'commander'
import type { Scenario } from '../simulator/settings/scenario-file.ts'
import type { Simulator } from '../simulator/server.ts'
import { fail } from './failure.ts'
import { wholeNumber } from './whole-number.ts'

interface SimulateFlags {
  readonly host: string
  readonly port: number
  readonly scenario?: string
  readonly limit?: number
  readonly seed?: number
}

export function addSimulate (program: Command): void {
  program.command('simulate')
    .description('run a stand-in for Twilio to test applications against')
    .option('-H, --host <host>', 'address to listen on', '127.0.0.1')
    .addOption(new Option('-p, --port <port>', 'port to listen on, 0 for any free one')
      .env('GOVERNOR_SIMULATOR_PORT').argParser(wholeNumber(0, 65_535)).default(4010))
    .option('-s, --scenario <file>', 'YAML scenario: limits, latencies, faults, a timeline')
    .option(
      '-l, --limit <requests>', 'requests that an account may have in flight, 0 for no limit', wholeNumber(0, 1_000_000)
    )
    .option('--seed <number>', 'seed of all random numbers', wholeNumber(0, 0xffffffff))
    .action(simulate)
}

async function simulate ({ host, port, scenario: file, limit, seed }: SimulateFlags): Promise<void> {
  process.on('SIGHUP', () => {})
  // Only here and in the demo: the proxy has no use for them, and they take memory.
  const { defaultScenario, loadScenario } = await import('../simulator/settings/scenario-file.ts')
  const { startSimulator } = await import('../simulator/server.ts')
  const { default: closeWithGrace } = await import('close-with-grace')
  let simulator: Simulator
  try {
    const scenario: Scenario = {
      ...file === undefined ? defaultScenario : await loadScenario(file),
      ...limit === undefined ? {} : { limit },
      ...seed === undefined ? {} : { seed }
    }
    simulator = await startSimulator({ host, port, scenario })
  } catch (error) {
    fail(error)
    return
  }
  closeWithGrace({ delay: 5_000, logger: false, skip: ['SIGHUP'] }, async ({ err }) => {
    if (err !== undefined) console.error(err)
    await simulator.close()
  })
  console.log(JSON.stringify({ msg: 'listening', origin: simulator.origin }))
}
