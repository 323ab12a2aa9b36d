/** `twilio-governor ca`, and its own commands. */
import type { Command } from 'commander'
import { authorityFolder } from './authority-folder.ts'
import { fail } from './failure.ts'
import type { CaCommand } from './run/ca.ts'

const COMMANDS: ReadonlyArray<readonly [name: CaCommand, description: string]> = [
  ['init', 'make an authority for twilio.com alone; never overwrites one'],
  ['ensure', 'make an authority if there is none, and all.pem: the authorities that the system trusts, and this one'],
  ['show', 'show the authority'],
  ['path', 'print the path of the certificate that clients must trust'],
  ['rotate', 'replace the authority; then restart the clients, and after them the proxy']
]

export function addCa (program: Command): void {
  const ca = program.command('ca')
    .description('manage the certificate authority for clients that use HTTP_PROXY or HTTPS_PROXY')
  for (const [name, description] of COMMANDS) {
    ca.command(name).description(description).addOption(authorityFolder().makeOptionMandatory())
      .action(async ({ dir }: { dir: string }) => {
        try {
          const { runCa } = await import('./run/ca.ts')
          console.log((await runCa(name, dir)).join('\n'))
        } catch (error) {
          fail(error)
        }
      })
  }
}
