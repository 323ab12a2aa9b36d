import { join } from 'node:path'
import t, { type Test } from 'tap'
import { simulator } from '../simulator/support.ts'
import { runGovernor, type Ended } from '../support/programs.ts'

const NODE_APP = { 'package.json': '{ "dependencies": { "twilio": "^6" } }' }

interface Stage {
  readonly proxy: string
  readonly admin: string
  /** Folder of the authority. */
  readonly dir: string
  /** Requests that reached Twilio. */
  readonly received: () => number
  readonly doctor: (env: Readonly<Record<string, string>>, ...args: string[]) => Promise<Ended>
}

/** A proxy that runs with an authority, and the doctor in the folder of an application for Node. */
async function set (t: Test): Promise<Stage> {
  const home = t.testdir({ app: NODE_APP })
  const dir = join(home, 'ca')
  const cwd = join(home, 'app')
  t.equal((await (await runGovernor(t, ['ca', 'init', '--dir', dir])).ended).code, 0)
  const twilio = await simulator(t)
  const program = await runGovernor(t, ['start'], { env: { GOVERNOR_PORT: '0', GOVERNOR_ADMIN_PORT: '0', GOVERNOR_UPSTREAM: twilio.origin, GOVERNOR_CA_DIR: dir } })
  const { proxy = '', admin = '' } = await program.listening()
  return {
    proxy,
    admin,
    dir,
    received: () => twilio.stats().received,
    doctor: async (env, ...args) => (await runGovernor(t, ['doctor', '--dir', dir, ...args], { cwd, env: { HOME: home, ...env } })).ended
  }
}

t.test('doctor: 0 when all comes through, 1 when something does not, and the fixes that it prints mend it', async (t) => {
  const { proxy, dir, received, doctor } = await set(t)
  const first = await doctor({ http_proxy: proxy, TWILIO_REGION: 'au1' }, '--proxy', proxy)
  t.equal(first.code, 1)
  t.equal(first.stderr, '')
  t.match(first.stdout, /^twilio-node \(package\.json\)\n {2}bypasses {2}.* does not see http_proxy\.$/m)
  const fixes = Object.fromEntries([...first.stdout.matchAll(/^ +export (\w+)='(.*)'$/gm)].map(([, name = '', value = '']) => [name, value]))
  t.same(fixes, { HTTP_PROXY: proxy, NODE_EXTRA_CA_CERTS: join(dir, 'ca.pem'), TWILIO_EDGE: 'sydney' })
  const second = await doctor({ TWILIO_REGION: 'au1', ...fixes })
  t.equal(second.code, 0, second.stdout)
  t.match(second.stdout, 'Certainly through the proxy: 1 of 1.')
  t.equal(received(), 0, 'nothing of it went on to Twilio')
})

t.test('doctor judges what it is asked to, in words or as JSON', async (t) => {
  const { proxy, admin, dir, doctor } = await set(t)
  const { code, stdout } = await doctor({ HTTPS_PROXY: proxy }, '--json', '--sdk', 'python, curl', '--admin', admin)
  t.equal(code, 1)
  t.match(JSON.parse(stdout), { ok: false, proxy, sdks: [{ sdk: 'python' }, { sdk: 'curl' }], findings: [{ sdk: 'proxy', verdict: 'through' }, { sdk: 'python', code: 'untrusted' }, { sdk: 'python' }, { sdk: 'curl', code: 'untrusted' }], notes: [] })
  for (const env of [{ HTTPS_PROXY: proxy, NO_PROXY: 'localhost,.twilio.com' }, { https_proxy: proxy, no_proxy: '*' }]) {
    const excluded = JSON.parse((await doctor(env, '--json', '--sdk', 'curl')).stdout) as Record<string, unknown>
    t.match(excluded, { ok: false, proxy, findings: [{ sdk: 'proxy', verdict: 'through' }, { sdk: 'curl', code: 'excluded' }] }, 'the proxy of the environment is looked at, though its exceptions keep Twilio from it')
  }
  t.equal((await doctor({}, '--base-url', `${proxy}/api`)).code, 0)
  t.equal((await doctor({ TWILIO_REGION: 'au1' }, '--base-url', `${proxy.replace('127.0.0.1', 'localhost')}/api`)).code, 1)
  t.match((await doctor({}, '--proxy', proxy, '--admin', 'http://127.0.0.1:1')).stdout, 'The metrics at http://127.0.0.1:1 cannot be read')
  t.equal((await runGovernor(t, ['ca', 'init', '--dir', join(dir, 'other')]).then(async ({ ended }) => ended)).code, 0)
  t.match(JSON.parse((await doctor({}, '--json', '--proxy', proxy, '--dir', join(dir, 'other'))).stdout), { notes: [/another authority than the one in .*other\. Name the folder/] })
  const all = await doctor({}, '--app', '..')
  t.match(all.stdout, /lists no Twilio SDK, so doctor checks all of them/)
  t.match(all.stdout, /^curl\n/m)
})

t.test('doctor: where there is no proxy, or it has no authority, it says how to start one', async (t) => {
  const home = t.testdir(NODE_APP)
  const nobody = await (await runGovernor(t, ['doctor', '--proxy', 'http://127.0.0.1:1'], { cwd: home, env: { XDG_DATA_HOME: home } })).ended
  t.equal(nobody.code, 1)
  t.match(nobody.stdout, /fails {5}Nothing answers at http:\/\/127\.0\.0\.1:1\.\n +twilio-governor ca init --dir .*\n +GOVERNOR_CA_DIR=.* twilio-governor start\n/)
  t.match(nobody.stdout, /There is no ca\.pem in/)
  const plain = await runGovernor(t, ['start'], { env: { GOVERNOR_PORT: '0', GOVERNOR_ADMIN_PORT: '0' } })
  const { proxy = '' } = await plain.listening()
  const refused = await (await runGovernor(t, ['doctor'], { cwd: home, env: { XDG_DATA_HOME: home, HTTP_PROXY: proxy } })).ended
  t.match(refused.stdout, /^ {2}fails {5}twilio-governor answers at \S+, but refuses CONNECT/m)
})

t.test('doctor: 2 for what is not understood', async (t) => {
  const cases: Array<[string[], RegExp]> = [
    [['--sdk', 'perl'], /--sdk takes node, twilio-cli, python/],
    [['--proxy', 'ftp://jane:hunter2@127.0.0.1'], /--proxy takes a URL such as/],
    [['--admin', '9090'], /--admin takes a URL such as/],
    [['--nope'], /unknown option '--nope'/],
    [['--app', '/no/such/folder'], /no such file or directory/],
    [['--proxy'], /argument missing/]
  ]
  for (const [args, sentence] of cases) {
    const { code, stdout, stderr } = await (await runGovernor(t, ['doctor', ...args])).ended
    t.equal(code, 2, args.join(' '))
    t.equal(stdout, '')
    t.match(stderr, sentence)
    t.notMatch(stderr, /hunter2/)
  }
  t.equal((await (await runGovernor(t, ['doctor', '--help'])).ended).code, 0)
})

t.test('doctor prints nothing secret, however it is written', async (t) => {
  const { proxy, doctor } = await set(t)
  const secret = 'hunter2'
  const carried = proxy.replace('//', `//jane:${secret}@`)
  const env = { TWILIO_AUTH_TOKEN: secret, TWILIO_API_SECRET: secret, HTTP_PROXY: carried, https_proxy: `http://jane:${secret}@corp.invalid:3128`, ALL_PROXY: `http://jane:1/${secret}@x`, JAVA_TOOL_OPTIONS: `-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPassword=${secret}` }
  for (const args of [[], ['--json'], ['--proxy', carried], ['--base-url', `${carried}/verify`], ['--admin', `http://jane:${secret}@127.0.0.1:1`]]) {
    for (const sdk of [[], ['--sdk', 'node,twilio-cli,python,java,go,php,ruby,csharp,curl']]) {
      const { stdout, stderr } = await doctor(env, ...args, ...sdk)
      t.match(stdout, /twilio-node|"sdk": "node"/, args.join(' '))
      t.notMatch(stdout + stderr, new RegExp(`${secret}|jane`))
    }
  }
})
