import { createServer } from 'node:http'
import t from 'tap'
import { createClient, listen, startUpstream } from '../support/app.ts'
import { runGovernor } from '../support/programs.ts'

const FREE_PORTS = { GOVERNOR_PORT: '0', GOVERNOR_ADMIN_PORT: '0' }
const LOCAL = /^http:\/\/127\.0\.0\.1:[1-9]\d*$/

for (const level of ['info', 'silent']) {
  t.test(`with LOG_LEVEL=${level} the first line of output says where both servers listen, and they do`, async (t) => {
    const program = await runGovernor(t, ['start'], { env: { ...FREE_PORTS, LOG_LEVEL: level } })
    const line = await program.listening()
    t.match(line, { msg: 'listening', proxy: LOCAL, admin: LOCAL })
    t.not(line['proxy'], line['admin'])
    const client = createClient(t)
    t.same((await client(`${line['admin']}/readyz`)).json(), { ready: true, reasons: [], warnings: [] })
    const { status, body } = await client(line['proxy']!, { headers: { host: 'evil.example' } })
    t.equal(status, 421, body.toString())
    program.kill('SIGTERM')
    const { stdout, stderr, code } = await program.ended
    t.equal(code, 0)
    t.equal(stderr, '')
    const messages = stdout.trimEnd().split('\n').map((text) => (JSON.parse(text) as { msg: string }).msg)
    t.same(messages, level === 'silent' ? ['listening'] : ['listening', 'refused', 'draining', 'stopped'])
  })
}

t.test('start is what is done when no command is named, and takes its options', async (t) => {
  const cwd = t.testdir({ 'other.yaml': 'listen: { port: 0 }\nadmin: { port: 0 }\n' })
  const program = await runGovernor(t, ['--config', 'other.yaml'], { cwd })
  t.match(await program.listening(), { proxy: LOCAL, admin: LOCAL })
})

t.test('config.yaml in the working directory counts, and the environment comes before it', async (t) => {
  const ofTheFile = await startUpstream(t, (_request, response) => { response.end('{"from":"file"}') })
  const ofTheEnvironment = await startUpstream(t, (_request, response) => { response.end('{"from":"environment"}') })
  const cwd = t.testdir({
    'config.yaml': `listen: { port: 0 }\nadmin: { port: 0 }\nupstream: { origin: '${ofTheFile.origin}' }\nlog: { level: warn }\n`
  })
  const client = createClient(t)
  const cases = [
    [{}, 'file'],
    [{ GOVERNOR_UPSTREAM: ofTheEnvironment.origin }, 'environment'],
    [{ GOVERNOR_UPSTREAM: '' }, 'file']
  ] as const
  for (const [env, from] of cases) {
    const { listening } = await runGovernor(t, [], { cwd, env })
    const { proxy = '' } = await listening()
    t.same((await client(`${proxy}/2010-04-01/Accounts.json`)).json(), { from })
  }
})

t.test('a port in use: one clear sentence, exit code 1', async (t) => {
  const taken = (await listen(t, createServer())).split(':')[1]!
  for (const env of [{ GOVERNOR_PORT: taken, GOVERNOR_ADMIN_PORT: '0' }, { GOVERNOR_PORT: '0', GOVERNOR_ADMIN_PORT: taken }]) {
    const { code, stdout, stderr } = await (await runGovernor(t, [], { env })).ended
    t.equal(code, 1)
    t.equal(stdout, '', 'nothing claims to listen')
    t.match(stderr, new RegExp(`^.*EADDRINUSE.*127\\.0\\.0\\.1:${taken}\\n$`), 'what, and where, and no stack')
  }
  const { code, stderr } = await (await runGovernor(t, ['simulate', '--port', taken])).ended
  t.equal(code, 1)
  t.match(stderr, new RegExp(`^.*EADDRINUSE.*127\\.0\\.0\\.1:${taken}\\n$`), 'the simulator too')
})

t.test('a file of authorities that is not there: one clear sentence, exit code 1', async (t) => {
  const cwd = t.testdir({ 'config.yaml': 'listen: { port: 0 }\nadmin: { port: 0 }\nupstream: { caFile: no.pem }\n' })
  const { code, stdout, stderr } = await (await runGovernor(t, [], { cwd })).ended
  t.equal(code, 1)
  t.equal(stdout, '')
  t.match(stderr, /^1 fault in config\.yaml\n {2}upstream\.caFile: cannot be read \(ENOENT\) \(line 3\)\n$/)
})

t.test('a configuration with faults is not started with: all of them, exit code 1', async (t) => {
  const cwd = t.testdir({ 'config.yaml': 'listen: { prot: 1 }\nlimit: { mode: shadw }\n' })
  const { code, stdout, stderr } = await (await runGovernor(t, ['start'], { cwd, env: { GOVERNOR_ADMIN_PORT: '70000' } })).ended
  t.equal(code, 1)
  t.equal(stdout, '')
  t.match(stderr, /^3 faults in config\.yaml\n {2}listen\.prot: .*\n {2}limit\.mode: .*\n {2}GOVERNOR_ADMIN_PORT: .*\n$/)
})
