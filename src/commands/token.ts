/** `twilio-governor token`, and its own commands. */
import { Option, type Command } from 'commander'
import { fail } from './failure.ts'
import { readSettings, sourceOf } from './settings.ts'

interface FileFlags { readonly file?: string, readonly config?: string }
interface NewFlags extends FileFlags { readonly expires?: string }

export function addToken (program: Command): void {
  const token = program.command('token')
    .description('tokens that applications show to the proxy in place of a Twilio secret')
  withFile(token.command('new')).description('make a token for a caller, and print it once')
    .argument('<caller>', 'name of the caller: letters, digits, dots, hyphens or underscores')
    .option('--expires <time>', 'when it ends: 90d, 12h, 30m, or a moment such as 2027-01-31T00:00:00Z')
    .action((caller: string, flags: NewFlags) => run(flags, async (file) => {
      const { makeToken } = await import('./token/token.ts')
      const { id, token, expiresAt } = await makeToken(file, caller, flags.expires, new Date())
      console.error(`token ${id} of ${caller}, ${expiresAt === null ? 'without an end' : `until ${expiresAt}`}; it is shown this once`)
      console.log(token)
    }))
  withFile(token.command('list')).description('list the tokens, without their secrets')
    .option('--json', 'as JSON')
    .action((flags: FileFlags & { json?: true }) => run(flags, async (file) => {
      const { listTokens } = await import('./token/token.ts')
      console.log(await listTokens(file, flags.json === true, new Date()))
    }))
  withFile(token.command('revoke')).description('end a token, or all tokens of a caller; running proxies follow within a second')
    .argument('<id>', 'id of the token, or name of the caller')
    .action((id: string, flags: FileFlags) => run(flags, async (file) => {
      const { revokeTokens } = await import('./token/token.ts')
      console.log(`revoked: ${(await revokeTokens(file, id, new Date())).join(', ')}`)
    }))
  withFile(token.command('rotate'))
    .description('make another token for the caller of a token, which ends after a while')
    .argument('<id>', 'id of the token that is to end')
    .addOption(new Option('--grace <time>', 'how long the old one still counts').default('1h'))
    .option('--expires <time>', 'when the new one ends; otherwise as far ahead as the old one was made for')
    .action((id: string, flags: NewFlags & { grace: string }) => run(flags, async (file) => {
      const { rotateToken } = await import('./token/token.ts')
      const made = await rotateToken(file, id, flags.grace, flags.expires, new Date())
      console.error(`token ${made.id} of ${made.caller}; ${id} counts until ${made.oldEndsAt}; it is shown this once`)
      console.log(made.token)
    }))
}

const withFile = (command: Command): Command => command
  .option('-f, --file <file>', 'file of tokens; otherwise access.tokensFile of the settings, or GOVERNOR_TOKENS_FILE')
  .option('-c, --config <file>', 'settings that name the file')

async function run ({ file, config }: FileFlags, action: (file: string) => Promise<void>): Promise<void> {
  const named = file ?? readSettings(sourceOf(config)).access.tokensFile
  if (named === null) {
    console.error('No file of tokens is named: give --file, or set access.tokensFile.')
    process.exitCode = 1
    return
  }
  try {
    await action(named)
  } catch (error) {
    if (error instanceof Error && (error.name === 'TokenFileError' || error.name === 'TokenError')) {
      console.error(error.message)
      process.exitCode = 1
    } else fail(error)
  }
}
