/** `twilio-governor token`, as it is typed. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { runGovernor, type Ended, type RunOptions } from '../support/programs.ts'

const finish = async (t: Test, args: readonly string[], options?: RunOptions): Promise<Ended> => (await runGovernor(t, args, options)).ended

t.test('a token is printed once, alone on standard output, and managed from then on by its id', async (t) => {
  const file = join(t.testdir({}), 'tokens.json')
  const env = { GOVERNOR_TOKENS_FILE: file }
  const made = await finish(t, ['token', 'new', 'signup', '--expires', '90d'], { env })
  t.match(made, { code: 0, stdout: /^tgv[0-9A-Za-z]{43}\n$/, stderr: /^token tok_[0-9a-f]{12} of signup, until .*; it is shown this once\n$/ })
  t.notOk(readFileSync(file, 'utf8').includes(made.stdout.trim()))
  const [id = ''] = /tok_[0-9a-f]{12}/.exec(made.stderr) ?? []
  t.match(await finish(t, ['token', 'list', '--file', file]), { code: 0, stdout: new RegExp(`${id} +signup +valid`) })
  t.match(await finish(t, ['token', 'rotate', id, '--grace', '10m'], { env }), { code: 0, stdout: /^tgv/, stderr: /counts until/ })
  t.match(await finish(t, ['token', 'revoke', id], { env }), { code: 0, stdout: `revoked: ${id}\n` })
  t.match(await finish(t, ['token', 'revoke', id], { env }), { code: 1, stderr: /^No token that still counts has the id/ })
})

t.test('a wrong name, a wrong time, a foreign file and no file are one sentence each', async (t) => {
  const folder = t.testdir({ other: 'x' })
  const file = join(folder, 'tokens.json')
  t.match(await finish(t, ['token', 'new', 'a b', '-f', file]), { code: 1, stderr: /^The name of a caller has 1 to 64 letters.*\n$/ })
  t.match(await finish(t, ['token', 'new', 'a', '--expires', 'soon', '-f', file]), { code: 1, stderr: /^"soon" is no time: accepted are 90d.*\n$/ })
  t.match(await finish(t, ['token', 'list', '-f', join(folder, 'other')]), { code: 1, stderr: /other is no JSON\n$/ })
  t.match(await finish(t, ['token', 'list']), { code: 1, stderr: /^No file of tokens is named: give --file/ })
})
