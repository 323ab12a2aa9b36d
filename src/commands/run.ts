/** `twilio-governor run` */
import type { Command } from 'commander'
import { resolve } from 'node:path'
import { authorityFolder, dataFolder } from './authority-folder.ts'
import { fail } from './failure.ts'

interface RunFlags {
  readonly dir: string
  readonly proxy?: string
  readonly config?: string
}

/** `main`: path of the script that starts this program, with which `run` starts a proxy. */
export function addRun (program: Command, main: string): void {
  program.command('run')
    .description(
      'run a command with a proxy of its own for its requests to Twilio: twilio-governor run -- npm start'
    )
    .argument('<command>', 'command to run')
    .argument('[args...]', 'its arguments')
    .addOption(authorityFolder('folder of the certificate authority; run makes it if there is none').default(dataFolder()))
    .option('--proxy <url>', 'base URL of a running proxy with the same authority')
    .option('-c, --config <file>', 'configuration of the proxy that run starts')
    .passThroughOptions()
    .action(async (command: string, args: string[], { dir, proxy, config }: RunFlags) => {
      const start = [main, 'start', '--end-with-stdin', ...config === undefined ? [] : ['--config', config]]
      try {
        const { authorityIn } = await import('./run/ca.ts')
        const { runCommand } = await import('./run/run.ts')
        const authority = await authorityIn(dir)
        process.exitCode = await runCommand({
          command, args, authority, folder: resolve(dir), proxy, start, env: process.env
        })
      } catch (error) {
        fail(error)
      }
    })
}
