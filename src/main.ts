#!/usr/bin/env node
/** The command line. The only file that may end the process. */
import closeWithGrace from 'close-with-grace'
import { Command, InvalidArgumentError, Option } from 'commander'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { App } from './app.ts'
import { cleaned, idleVariables } from './config/environment.ts'
import { findConfigFile, type ConfigSource } from './config/file.ts'
import { loadSettings } from './config/load.ts'
import type { Settings } from './config/schema/settings.ts'
import { withoutSecrets } from './config/shown.ts'
import { nearest } from './config/suggest.ts'
import type { DoctorFlags } from './commands/doctor/flags.ts'
import { exposures, type Exposure } from './commands/exposures.ts'
import type { PlanFlags } from './commands/plan/flags.ts'
import type { CaCommand } from './commands/run/ca.ts'
import type { Scenario } from './simulator/settings/scenario-file.ts'
import type { Simulator } from './simulator/server.ts'
import { announce, createLogger, flushLogger, type Addresses } from './telemetry/log/logger.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

// What a file of variables from Windows leaves at the end of a line is no part of a value.
Object.assign(process.env, cleaned(process.env))

const program = new Command('twilio-governor')
  .description('A local proxy between your applications and the Twilio REST API: adaptive concurrency, 429s retried for you, fair queues, metrics.')
  .version(version)
  .showHelpAfterError()
  // Its sentences repeat what was given, which may be a token in the wrong place.
  .configureOutput({ outputError: (text, write) => { write(withoutSecrets(text)) } })
  .enablePositionalOptions()

program.command('start', { isDefault: true })
  .description('run the proxy')
  .option('-c, --config <file>', 'YAML file; otherwise GOVERNOR_CONFIG, or ./config.yaml if present')
  .option('-p, --port <port>', 'port that the proxy listens on, 0 for any free one; goes before listen.port', integer(0, 65_535))
  .option('--upstream <origin>', 'one origin that stands in for every Twilio host, such as that of the simulator; goes before upstream.origin')
  .addOption(new Option('--end-with-stdin').hideHelp())
  .allowExcessArguments()
  .action(async (options: StartFlags, { args: [stray] }: Command) => {
    // A command that does not exist, or comes after an option, arrives here: as an argument of the default one.
    const misplaced = program.commands.some((command) => command.name() === stray)
    if (misplaced) program.error(`error: put the command before its options: twilio-governor ${stray ?? ''} …`)
    if (stray !== undefined) {
      const meant = nearest(stray, program.commands.map((command) => command.name()))
      program.error(`error: unknown command '${stray}'${meant === undefined ? '' : `\n(Did you mean ${meant}?)`}`)
    }
    // Whoever started us may be killed, and could not tell.
    if (options.endWithStdin === true) process.stdin.resume().once('close', () => { process.kill(process.pid, 'SIGTERM') })
    await start(options)
  })

program.command('check')
  .description('validate a configuration and list every fault')
  .argument('[file]', 'YAML file; otherwise GOVERNOR_CONFIG, or ./config.yaml if present')
  .option('-c, --config <file>', 'the same as the argument')
  .action((file: string | undefined, { config }: { config?: string }, command: Command) => {
    if (file !== undefined && config !== undefined && file !== config) command.error('error: two files are named; check takes one')
    const source = sourceOf(file ?? config)
    for (const { setting, advice } of concerns(readSettings(source), source)) console.error(`warning: ${setting}: ${advice}`)
    console.log('The configuration is valid.')
  })

program.command('simulate')
  .description('run a stand-in for Twilio to test applications against')
  .option('-H, --host <host>', 'address to listen on', '127.0.0.1')
  .addOption(new Option('-p, --port <port>', 'port to listen on, 0 for any free one')
    .env('GOVERNOR_SIMULATOR_PORT').argParser(integer(0, 65_535)).default(4010))
  .option('-s, --scenario <file>', 'YAML scenario: limits, latencies, faults, a timeline')
  .option('-l, --limit <requests>', 'requests at once that an account is allowed, 0 for none', integer(0, 1_000_000))
  .option('--seed <number>', 'seed of everything random', integer(0, 0xffffffff))
  .action(simulate)

const ca = program.command('ca').description('the certificate authority for clients that come through HTTP_PROXY or HTTPS_PROXY')
const caDir = new Option('-d, --dir <folder>', 'folder of the authority').env('GOVERNOR_CA_DIR').makeOptionMandatory()
const caCommands: ReadonlyArray<readonly [name: CaCommand, description: string]> = [
  ['init', 'make an authority, good for twilio.com alone; nothing is overwritten'],
  ['ensure', 'make an authority where there is none, and all.pem, what the system trusts and the authority'],
  ['show', 'show the authority'],
  ['path', 'print the path of the certificate that clients have to trust'],
  ['rotate', 'replace the authority; restart the clients, then the proxy']
]
for (const [name, description] of caCommands) {
  ca.command(name).description(description).addOption(caDir).action(async ({ dir }: { dir: string }) => {
    try {
      const { runCa } = await import('./commands/run/ca.ts')
      console.log((await runCa(name, dir)).join('\n'))
    } catch (error) {
      fail(error)
    }
  })
}

program.command('run')
  .description('run a command whose requests to Twilio come through a proxy of its own: twilio-governor run -- npm start')
  .argument('<command>', 'what to run')
  .argument('[args...]', 'its arguments')
  .addOption(new Option('-d, --dir <folder>', 'folder of the authority; made when there is none').env('GOVERNOR_CA_DIR').default(dataFolder()))
  .option('--proxy <url>', 'base URL of a proxy that runs already, with the same authority')
  .option('-c, --config <file>', 'configuration of the proxy that is started')
  .passThroughOptions()
  .action(async (command: string, args: string[], { dir, proxy, config }: { dir: string, proxy?: string, config?: string }) => {
    try {
      const { authorityIn } = await import('./commands/run/ca.ts')
      const { runCommand } = await import('./commands/run/run.ts')
      const start = [fileURLToPath(import.meta.url), 'start', '--end-with-stdin', ...config === undefined ? [] : ['--config', config]]
      process.exitCode = await runCommand({ command, args, authority: await authorityIn(dir), folder: resolve(dir), proxy, start, env: process.env })
    } catch (error) {
      fail(error)
    }
  })

program.command('env')
  .description('print what a shell has to export for its programs to come through a proxy')
  .addOption(new Option('-d, --dir <folder>', 'folder of the authority').env('GOVERNOR_CA_DIR').default(dataFolder()))
  .addOption(new Option('--proxy <url>', 'base URL of the proxy').default('http://127.0.0.1:8080'))
  .action(async ({ dir, proxy }: { dir: string, proxy: string }) => {
    try {
      const { exports, variables } = await import('./commands/run/variables.ts')
      const { readAuthority } = await import('./interception/authority.ts')
      console.log(exports(await variables(proxy, readAuthority(resolve(dir)), resolve(dir), process.env)))
    } catch (error) {
      fail(error)
    }
  })

program.command('doctor')
  .description('tell what of an application here comes through the proxy, what does not, and how to mend it')
  .option('--proxy <url>', 'base URL of the proxy; otherwise what the environment names, or http://127.0.0.1:8080')
  .option('--base-url <url>', 'what the application has as its base URL; otherwise it is to come through HTTP_PROXY or HTTPS_PROXY')
  .option('--admin <url>', 'admin listener of the proxy, for the retries it has seen; otherwise http://127.0.0.1:9090 if that answers')
  .addOption(new Option('-d, --dir <folder>', 'folder of the authority').env('GOVERNOR_CA_DIR').default(dataFolder()))
  .option('--app <folder>', 'folder of the application', '.')
  .option('--sdk <list>', 'what is judged, with commas between; otherwise what the application uses')
  .option('--json', 'findings for programs')
  // 1 says that something is wrong with the application.
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .action(diagnose)

program.command('plan')
  .description('play a recorded log through other settings, in simulated time: waits, 429s and calls, then and so')
  .requiredOption('-l, --log <file>', 'what the proxy wrote to standard output; .gz is unpacked, - is standard input')
  .option('-c, --config <file>', 'YAML file; otherwise GOVERNOR_CONFIG, or ./config.yaml if present')
  .option('--ceiling <requests>', 'requests that an account may have at Twilio at once; otherwise what the log shows of it', integer(1, 1_000_000))
  .option('--rate <route=number>', "a route's own limit at Twilio, starts per second, such as 'POST verify/v2/Services/{}/Verifications=10'; may be given again", (rate: string, rates: readonly string[]) => [...rates, rate], [])
  .option('--seed <number>', 'seed of everything random', integer(0, 0xffffffff), 1)
  .option('--json', 'the report for programs')
  .action(plan)

program.command('demo')
  .description('send a burst of messages through simulator and proxy with the real Twilio SDK')
  .option('-m, --messages <count>', 'messages to send', integer(1, 1_000_000), 5000)
  .option('--concurrency <calls>', 'calls that the application keeps open', integer(1, 5000), 400)
  .option('-l, --limit <requests>', 'the concurrency that the simulated account allows, and hides', integer(1, 5000), 60)
  .action(async (options: { messages: number, concurrency: number, limit: number }) => {
    const { runDemo } = await import('./commands/demo/demo.ts')
    // Whoever reads along, such as head, may have seen enough.
    process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
      if (code !== 'EPIPE') console.error(message)
      process.exit(code === 'EPIPE' ? 0 : 1)
    })
    process.exitCode = await runDemo({ ...options, version, print: (line) => process.stdout.write(line), terminal: process.stdout.isTTY })
  })

await program.parseAsync()

interface StartFlags {
  readonly config?: string
  readonly port?: number
  readonly upstream?: string
  readonly endWithStdin?: true
}

async function start ({ config, port, upstream, endWithStdin }: StartFlags): Promise<void> {
  // An application in whose folder it is started may have a config.yaml of its own.
  const source: ConfigSource = { ...sourceOf(config, endWithStdin === undefined), flags: { port, upstream } }
  const settings = readSettings(source)
  const settingsFile = findConfigFile(source)?.name
  // Brought in only here: it is most of what a start takes, and the other commands have no use for it.
  const { createApp, upstreamOf } = await import('./app.ts')
  const logger = createLogger({ level: settings.log.level })
  // Under nohup it would be ignored, but Node undoes that.
  process.on('SIGHUP', () => { logger.info('SIGHUP is ignored: settings are read at the start alone, and SIGTERM ends it') })
  let app: App | undefined
  let addresses: Addresses
  try {
    app = await createApp(settings, { logger, version, settingsFile, env: process.env })
    addresses = await app.listen()
  } catch (error) {
    await app?.close()
    fail(error)
    return
  }
  const { drain, state } = app
  // To standard error, which is written at once: the log's own writes may still be under way when the process ends.
  const cutShort = (reason: Record<string, unknown>): void => { console.error(JSON.stringify({ level: 'error', ...reason, open: openRequests(state), msg: 'cut short' })) }
  // Before the line that others wait for: they may stop us as soon as they have read it.
  closeWithGrace({
    delay: settings.shutdown.graceMs + 5_000,
    logger: false,
    skip: ['SIGHUP'],
    // After each of these the process ends at once, with exit code 1.
    onSecondSignal: (signal) => cutShort({ signal }),
    onSecondError: (error) => cutShort(describe(error)),
    onTimeout: (delayMs) => cutShort({ delayMs })
  }, async ({ err, signal }) => {
    if (err === undefined) logger.info({ signal }, 'draining')
    else logger.fatal(describe(err), 'unexpected error')
    await drain()
    logger.info('stopped')
    await flushLogger(logger)
  })
  await announce(logger, addresses, { version, settingsFile: settingsFile ?? null, mode: settings.limit.mode, upstream: upstreamOf(settings) })
  for (const { setting, advice } of concerns(settings, source)) logger.warn({ setting, advice }, 'exposed')
}

async function simulate (options: { host: string, port: number, scenario?: string, limit?: number, seed?: number }): Promise<void> {
  process.on('SIGHUP', () => {})
  // Brought in only here and in the demo: the proxy has no use for them, and they take memory.
  const { defaultScenario, loadScenario } = await import('./simulator/settings/scenario-file.ts')
  const { startSimulator } = await import('./simulator/server.ts')
  let base = defaultScenario
  try {
    if (options.scenario !== undefined) base = await loadScenario(options.scenario)
  } catch (error) {
    fail(error)
    return
  }
  const scenario: Scenario = {
    ...base,
    ...(options.limit === undefined ? {} : { limit: options.limit }),
    ...(options.seed === undefined ? {} : { seed: options.seed })
  }
  let simulator: Simulator
  try {
    simulator = await startSimulator({ host: options.host, port: options.port, scenario })
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

async function diagnose (flags: DoctorFlags, command: Command): Promise<void> {
  const { runDoctor } = await import('./commands/doctor/doctor.ts')
  const { readFlags } = await import('./commands/doctor/flags.ts')
  const options = readFlags(flags, (sentence) => command.error(sentence))
  try {
    const { text, code } = await runDoctor({ ...options, env: process.env, nowMs: Date.now() })
    console.log(text)
    process.exitCode = code
  } catch (error) {
    fail(error)
    process.exitCode = 2
  }
}

async function plan ({ config, log, ceiling, rate, seed, json }: PlanFlags, command: Command): Promise<void> {
  const settings = readSettings(sourceOf(config))
  const { parseRates } = await import('./commands/plan/flags.ts')
  const { runPlan } = await import('./commands/plan/plan.ts')
  const { describe, toJson } = await import('./commands/plan/report.ts')
  const rates = parseRates(rate, (sentence) => command.error(sentence))
  try {
    const report = await runPlan({ settings, log, ceiling, rates, seed })
    console.log(json === true ? toJson(report) : describe(report))
  } catch (error) {
    fail(error)
  }
}

/** Where programs of a user keep their data (XDG Base Directory Specification). */
function dataFolder (): string {
  return join(process.env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'twilio-governor')
}

/** `lookHere`: ./config.yaml counts where no file is named. */
function sourceOf (file: string | undefined, lookHere = true): ConfigSource {
  return { ...file === undefined ? {} : { file }, env: process.env, ...lookHere ? { cwd: process.cwd() } : {} }
}

/** What is allowed, and should be known. */
function concerns (settings: Settings, source: ConfigSource): readonly Exposure[] {
  return [...idleVariables(source.env).map(({ name, advice }) => ({ setting: name, advice })), ...exposures(settings, findConfigFile(source)?.name)]
}

function readSettings (source: ConfigSource): Settings {
  try {
    return loadSettings(source)
  } catch (error) {
    fail(error)
    process.exit()
  }
}

/** What the user wrote, a port in use, a file that cannot be read: told as it is. Anything else is ours, and keeps its stack. */
function fail (error: unknown): void {
  if (!(error instanceof Error && ('faults' in error || 'syscall' in error))) throw error
  console.error(error.message)
  process.exitCode = 1
}

/** An error and where it came from, without its message, which may repeat what a client sent. */
function describe (error: unknown): { error: string, stack?: string | undefined } {
  if (!(error instanceof Error)) return { error: typeof error }
  return { error: error.name, stack: error.stack?.split('\n').filter((line) => line.startsWith('    at ')).join('\n') }
}

/** Requests that wait, are at Twilio, or pause before they go there again. */
function openRequests (state: App['state']): number {
  return state.accounts().reduce((sum, { inflight, held }) => sum + inflight + held, state.waitingRequests())
}

function integer (least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= least && value <= most) return value
    throw new InvalidArgumentError(`A whole number from ${least} to ${most} is wanted.`)
  }
}
