/** `twilio-governor start`, and what is typed without a command. */
import { Option, type Command } from 'commander'
import type { ConfigSource } from '../config/file.ts'
import { nearest } from '../config/suggest.ts'
import { readSettings, SETTINGS_FILE, sourceOf } from './settings.ts'
import { wholeNumber } from './whole-number.ts'

interface StartFlags {
  readonly config?: string
  readonly port?: number
  readonly upstream?: string
  readonly endWithStdin?: boolean
}

export function addStart (program: Command, version: string): void {
  program.command('start', { isDefault: true })
    .description('run the proxy')
    .option('-c, --config <file>', SETTINGS_FILE)
    .option(
      '-p, --port <port>',
      'port that the proxy listens on, 0 for any free one; overrides listen.port',
      wholeNumber(0, 65_535)
    )
    .option(
      '--upstream <origin>',
      'one origin that stands in for every Twilio host, such as that of the simulator; overrides upstream.origin'
    )
    .addOption(new Option('--end-with-stdin').hideHelp())
    .allowExcessArguments()
    .action(async (flags: StartFlags, { args: [stray] }: Command) => {
      if (stray !== undefined) refuseStray(program, stray)
      await start(flags, version)
    })
}

/** A command that does not exist, or comes after an option, arrives as an argument of the default command. */
function refuseStray (program: Command, stray: string): never {
  const names = program.commands.map((command) => command.name())
  if (names.includes(stray)) program.error(`error: put the command before its options: twilio-governor ${stray} …`)
  const meant = nearest(stray, names)
  program.error(`error: unknown command '${stray}'${meant === undefined ? '' : `\n(Did you mean ${meant}?)`}`)
}

async function start ({ config, port, upstream, endWithStdin = false }: StartFlags, version: string): Promise<void> {
  // The process that started us may be killed, and cannot tell us then.
  if (endWithStdin) process.stdin.resume().once('close', () => { process.kill(process.pid, 'SIGTERM') })
  // An application in whose folder the proxy is started for it may have a config.yaml of its own.
  const source: ConfigSource = { ...sourceOf(config, !endWithStdin), flags: { port, upstream } }
  const settings = readSettings(source)
  // Only here: the server is most of what a start takes, and the other commands have no use for it.
  const { serve } = await import('./start/serve.ts')
  await serve(settings, source, version)
}
