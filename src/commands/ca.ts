/** `twilio-governor ca`, and its own commands. */
import type { Command } from 'commander'
import { authorityFolder } from './authority-folder.ts'
import { fail } from './failure.ts'
import type { CaCommand } from './run/ca.ts'

const COMMANDS: ReadonlyArray<readonly [name: CaCommand, description: string]> = [
  ['init', 'make an authority, good for twilio.com alone; nothing is overwritten'],
  ['ensure', 'make an authority where there is none, and all.pem, what the system trusts and the authority'],
  ['show', 'show the authority'],
  ['path', 'print the path of the certificate that clients have to trust'],
  ['rotate', 'replace the authority; restart the clients, then the proxy']
]

export function addCa (program: Command): void {
  const ca = program.command('ca')
    .description('the certificate authority for clients that come through HTTP_PROXY or HTTPS_PROXY')
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
