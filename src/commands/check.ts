/** `twilio-governor check` */
import type { Command } from 'commander'
import { concerns, readSettings, SETTINGS_FILE, sourceOf } from './settings.ts'

export function addCheck (program: Command): void {
  program.command('check')
    .description('check a configuration and list every fault')
    .argument('[file]', SETTINGS_FILE)
    .option('-c, --config <file>', 'the same as the argument')
    .action((file: string | undefined, { config }: { config?: string }, command: Command) => {
      if (file !== undefined && config !== undefined && file !== config) {
        command.error('error: you named two files; check takes one')
      }
      const source = sourceOf(file ?? config)
      for (const { setting, advice } of concerns(readSettings(source), source)) {
        console.error(`warning: ${setting}: ${advice}`)
      }
      console.log('The configuration is valid.')
    })
}
