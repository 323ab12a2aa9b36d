#!/usr/bin/env node
/** The command line. The only file that may end the process. */
import closeWithGrace from 'close-with-grace'
import { Command, InvalidArgumentError } from 'commander'
import { readFileSync } from 'node:fs'
import { createApp } from './app.ts'
import { ConfigError } from './config/faults.ts'
import { loadSettings } from './config/load.ts'
import type { Settings } from './config/schema/settings.ts'
import { runDemo } from './demo/demo.ts'
import { defaultScenario, loadScenario, ScenarioError, type Scenario } from './simulator/scenario-file.ts'
import { startSimulator } from './simulator/server.ts'
import { announce, createLogger, flushLogger, type Addresses } from './telemetry/logger.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

const program = new Command('twilio-governor')
  .description('A local proxy between your applications and the Twilio REST API: adaptive concurrency, 429s retried for you, fair queues, metrics.')
  .version(version)
  .showHelpAfterError()

program.command('start', { isDefault: true })
  .description('run the proxy')
  .option('-c, --config <file>', 'YAML file; otherwise GOVERNOR_CONFIG, or ./config.yaml if present')
  .action(start)

program.command('check')
  .description('validate a configuration and list every fault')
  .argument('[file]', 'YAML file; otherwise GOVERNOR_CONFIG, or ./config.yaml if present')
  .option('-c, --config <file>', 'the same as the argument')
  .action((file: string | undefined, { config }: { config?: string }) => {
    readSettings(file ?? config)
    console.log('The configuration is valid.')
  })

program.command('simulate')
  .description('run a stand-in for Twilio to test applications against')
  .option('-h, --host <host>', 'address to listen on', '127.0.0.1')
  .option('-p, --port <port>', 'port to listen on, 0 for any free one', integer(0, 65_535), 4010)
  .option('-s, --scenario <file>', 'YAML scenario: limits, latencies, faults, a timeline')
  .option('-l, --limit <requests>', 'requests at once that an account is allowed', integer(1, 1_000_000))
  .option('--seed <number>', 'seed of everything random', integer(0, 0xffffffff))
  .action(simulate)

program.command('demo')
  .description('send a burst of messages through simulator and proxy with the real Twilio SDK')
  .option('-m, --messages <count>', 'messages to send', integer(1, 1_000_000), 5000)
  .option('--concurrency <calls>', 'calls that the application keeps open', integer(1, 5000), 400)
  .option('-l, --limit <requests>', 'the concurrency that the simulated account allows, and hides', integer(1, 5000), 60)
  .action(async (options: { messages: number, concurrency: number, limit: number }) => {
    process.exitCode = await runDemo({ ...options, version, print: (line) => process.stdout.write(line), terminal: process.stdout.isTTY })
  })

await program.parseAsync()

async function start ({ config }: { config?: string }): Promise<void> {
  const settings = readSettings(config)
  const logger = createLogger({ level: settings.log.level })
  const app = await createApp(settings, { logger, version })
  let addresses: Addresses
  try {
    addresses = await app.listen()
  } catch (error) {
    // A port in use, an address that is not ours: named by the system, and nothing is half open.
    console.error(error instanceof Error ? error.message : error)
    await app.close()
    process.exitCode = 1
    return
  }
  // Before the line that others wait for: they may stop us as soon as they have read it.
  closeWithGrace({ delay: settings.shutdown.graceMs + 5_000, logger: false }, async ({ err, signal }) => {
    if (err === undefined) logger.info({ signal }, 'draining')
    else logger.fatal({ error: err.name, stack: framesOf(err) }, 'unexpected error')
    await app.drain()
    logger.info('stopped')
    await flushLogger(logger)
  })
  await announce(logger, addresses)
}

async function simulate (options: { host: string, port: number, scenario?: string, limit?: number, seed?: number }): Promise<void> {
  const base = options.scenario === undefined ? defaultScenario : await readScenario(options.scenario)
  const scenario: Scenario = {
    ...base,
    ...(options.limit === undefined ? {} : { limit: options.limit }),
    ...(options.seed === undefined ? {} : { seed: options.seed })
  }
  const simulator = await startSimulator({ host: options.host, port: options.port, scenario })
  closeWithGrace({ delay: 5_000, logger: false }, async () => { await simulator.close() })
  console.log(JSON.stringify({ msg: 'listening', origin: simulator.origin }))
}

function readSettings (file: string | undefined): Settings {
  return orExit(() => loadSettings({ ...(file === undefined ? {} : { file }), env: process.env, cwd: process.cwd() }))
}

function readScenario (file: string): Promise<Scenario> {
  return loadScenario(file).catch((error: unknown) => orExit(() => { throw error }))
}

/** Faults in what the user wrote are told as they are; anything else is ours, and keeps its stack. */
function orExit<T> (read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof ScenarioError)) throw error
    console.error(error.message)
    process.exit(1)
  }
}

/** Where an error came from, without its message, which may repeat what a client sent. */
function framesOf (error: Error): string | undefined {
  return error.stack?.split('\n').filter((line) => line.startsWith('    at ')).join('\n')
}

function integer (least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= least && value <= most) return value
    throw new InvalidArgumentError(`A whole number from ${least} to ${most} is wanted.`)
  }
}
