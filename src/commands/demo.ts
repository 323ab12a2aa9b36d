/** `twilio-governor demo` */
import type { Command } from 'commander'
import { wholeNumber } from './whole-number.ts'

interface DemoFlags {
  readonly messages: number
  readonly concurrency: number
  readonly limit: number
}

export function addDemo (program: Command, version: string): void {
  program.command('demo')
    .description('send a burst of messages to a simulated Twilio with the real SDK, without the proxy and with it')
    .option('-m, --messages <count>', 'messages to send', wholeNumber(1, 1_000_000), 5000)
    .option('--concurrency <calls>', 'calls that the application has open at once', wholeNumber(1, 5000), 400)
    .option(
      '-l, --limit <requests>', 'the hidden ceiling: requests at once that the simulated account allows', wholeNumber(1, 5000), 60
    )
    .action(async (flags: DemoFlags) => {
      const { runDemo } = await import('./demo/demo.ts')
      process.stdout.on('error', endWithOutput)
      const print = (text: string): void => { process.stdout.write(text) }
      process.exitCode = await runDemo({ ...flags, version, print, terminal: process.stdout.isTTY })
    })
}

/** A reader such as `head` may have seen enough: that is no failure. */
function endWithOutput ({ code, message }: NodeJS.ErrnoException): never {
  if (code === 'EPIPE') process.exit(0)
  console.error(message)
  process.exit(1)
}
