/** `twilio-governor env` */
import { Option, type Command } from 'commander'
import { resolve } from 'node:path'
import { authorityFolder, dataFolder } from './authority-folder.ts'
import { fail } from './failure.ts'

export function addEnv (program: Command): void {
  program.command('env')
    .description('print the variables that a shell must export so that its programs use the proxy')
    .addOption(authorityFolder().default(dataFolder()))
    .addOption(new Option('--proxy <url>', 'base URL of the proxy').default('http://127.0.0.1:8080'))
    .action(async ({ dir, proxy }: { dir: string, proxy: string }) => {
      const folder = resolve(dir)
      try {
        const { exports, variables } = await import('./run/variables.ts')
        const { readAuthority } = await import('../interception/authority.ts')
        console.log(exports(await variables(proxy, readAuthority(folder), folder, process.env)))
      } catch (error) {
        fail(error)
      }
    })
}
