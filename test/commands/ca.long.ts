import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runGovernor } from '../support/programs.ts'

t.test('ca init makes an authority, show and path tell of it, rotate replaces it, and none overwrites it silently', async (t) => {
  const dir = join(t.testdir({}), 'authority')
  const ca = async (...args: string[]): Promise<{ code: number | null, stdout: string, stderr: string }> => (await runGovernor(t, ['ca', ...args, '--dir', dir])).ended
  const missing = await ca('show')
  t.equal(missing.code, 1)
  t.match(missing.stderr, /use twilio-governor ca init/)
  const made = await ca('init')
  t.equal(made.code, 0, made.stderr)
  const file = join(dir, 'ca.pem')
  const { fingerprint256 } = new X509Certificate(readFileSync(file))
  t.match(made.stdout, fingerprint256)
  t.equal((await ca('show')).stdout, made.stdout)
  t.equal((await ca('path')).stdout, `${file}\n`)
  const again = await ca('init')
  t.equal(again.code, 1)
  t.match(again.stderr, /already/)
  t.equal(new X509Certificate(readFileSync(file)).fingerprint256, fingerprint256)
  t.equal((await ca('rotate')).code, 0)
  t.not(new X509Certificate(readFileSync(file)).fingerprint256, fingerprint256)
})

t.test('ca ensure may be said at every start: it makes what is missing and changes nothing else', async (t) => {
  const dir = join(t.testdir({}), 'authority')
  const ensure = async (): Promise<{ code: number | null, stdout: string, stderr: string }> => (await runGovernor(t, ['ca', 'ensure', '--dir', dir])).ended
  const first = await ensure()
  t.equal(first.code, 0, first.stderr)
  const [certificate, bundle] = ['ca.pem', 'all.pem'].map((name) => readFileSync(join(dir, name), 'utf8')) as [string, string]
  t.ok(bundle.endsWith(certificate))
  t.ok(bundle.split('BEGIN CERTIFICATE').length > 50)
  t.same(await ensure(), first)
  t.equal(readFileSync(join(dir, 'ca.pem'), 'utf8'), certificate)
  t.equal(readFileSync(join(dir, 'all.pem'), 'utf8'), bundle)
})

t.test('start says which folder has no authority', async (t) => {
  const dir = t.testdir({})
  const { code, stderr } = await (await runGovernor(t, ['start'], { env: { GOVERNOR_PORT: '0', GOVERNOR_ADMIN_PORT: '0', GOVERNOR_CA_DIR: dir } })).ended
  t.equal(code, 1)
  t.match(stderr, `There is no ca.pem in ${dir}. To make an authority, use twilio-governor ca init.`)
  t.notMatch(stderr, '    at ')
})
