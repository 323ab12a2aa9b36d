/** `twilio-governor doctor` */
import type { Command } from 'commander'
import { authorityFolder, dataFolder } from './authority-folder.ts'
import type { DoctorFlags } from './doctor/flags.ts'
import { fail } from './failure.ts'

/** 1 says that something is wrong with the application, so a doctor that cannot judge ends with another. */
const CANNOT_JUDGE = 2

export function addDoctor (program: Command): void {
  program.command('doctor')
    .description('show which requests of an application here go through the proxy, which do not, and how to fix that')
    .option('--proxy <url>', 'base URL of the proxy; default: what the environment names, or http://127.0.0.1:8080')
    .option(
      '--base-url <url>',
      'base URL of the application; without it, doctor expects HTTP_PROXY or HTTPS_PROXY'
    )
    .option(
      '--admin <url>',
      'admin URL of the proxy, for the retries that it has seen; default: http://127.0.0.1:9090 if that answers'
    )
    .addOption(authorityFolder().default(dataFolder()))
    .option('--app <folder>', 'folder of the application', '.')
    .option('--sdk <list>', 'SDKs to check, separated by commas; default: those that the application uses')
    .option('--json', 'print the findings as JSON')
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : CANNOT_JUDGE))
    .action(diagnose)
}

async function diagnose (flags: DoctorFlags, command: Command): Promise<void> {
  const { runDoctor } = await import('./doctor/doctor.ts')
  const { readFlags } = await import('./doctor/flags.ts')
  const options = readFlags(flags, (sentence) => command.error(sentence))
  try {
    const { text, code } = await runDoctor({ ...options, env: process.env, nowMs: Date.now() })
    console.log(text)
    process.exitCode = code
  } catch (error) {
    fail(error, CANNOT_JUDGE)
  }
}
