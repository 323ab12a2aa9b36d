/** The life of `start` as a program: what it says, what it takes no notice of, and how it ends. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { buildProgram } from '../support/build.ts'
import { runGovernor } from '../support/programs.ts'

const FREE = { GOVERNOR_ADMIN_PORT: '0' }
const linesOf = (text: string): Array<Record<string, unknown>> =>
  text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>)

t.test('start says where it listens and what is exposed, overlooks SIGHUP, and ends on SIGTERM', async (t) => {
  const cwd = t.testdir({ 'named.yaml': 'listen: { port: 1 }\nlimit: { mode: shadow }\n' })
  const args = ['start', '--config', 'named.yaml', '--port', '0', '--upstream', 'http://127.0.0.1:9']
  const program = await runGovernor(t, args, { cwd, env: { ...FREE, GOVERNOR_LIMT_MODE: 'off' } })
  t.match(await program.listening(), {
    proxy: /^http:\/\/127\.0\.0\.1:\d{2,5}$/,
    admin: /^http:\/\/127\.0\.0\.1:\d+$/,
    settingsFile: 'named.yaml',
    mode: 'shadow',
    upstream: 'http://127.0.0.1:9'
  })
  const { admin } = await program.listening() as { admin: string }
  t.match(await (await fetch(`${admin}/state`)).json(), { settingsFile: 'named.yaml' })
  program.kill('SIGHUP')
  while (!program.stdout().includes('SIGHUP is ignored')) await new Promise((resolve) => { setImmediate(resolve) })
  program.kill('SIGTERM')
  const { code, stdout, stderr } = await program.ended
  t.same({ code, stderr }, { code: 0, stderr: '' })
  const lines = linesOf(stdout)
  const exposed = lines.filter(({ msg }) => msg === 'exposed').map(({ setting }) => setting)
  for (const setting of ['GOVERNOR_LIMT_MODE', 'upstream.origin']) t.ok(exposed.includes(setting), setting)
  t.match(lines.slice(-2), [{ msg: 'draining', signal: 'SIGTERM' }, { msg: 'stopped' }])
})

t.test('one that is started for an application ends with its input, and reads no file of its', async (t) => {
  const cwd = t.testdir({ 'config.yaml': 'settings: of the application\n' })
  const [path, main] = [process.env['PATH'] ?? '', await buildProgram()]
  const variables = [`PATH=${path}`, 'GOVERNOR_PORT=0', 'GOVERNOR_ADMIN_PORT=0']
  const args = ['-i', ...variables, process.execPath, main, 'start', '--end-with-stdin']
  const child = spawn('env', args, { cwd, stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    if (stdout.includes('"listening"')) child.stdin.end()
  })
  t.same(await once(child, 'close'), [0, null])
  t.match(linesOf(stdout), [{ msg: 'listening', settingsFile: null, mode: 'enforce' }])
})

t.test('run starts its proxy with the file that it is told, and doctor has an exit code of its own', async (t) => {
  const cwd = t.testdir({ 'named.yaml': 'limit: { mode: sideways }\n', ca: {} })
  const args = ['run', '--config', 'named.yaml', '--dir', 'ca', '--', 'true']
  const run = await (await runGovernor(t, args, { cwd })).ended
  t.equal(run.code, 1)
  t.match(run.stderr, /limit\.mode: must be enforce, shadow or off; .*\n.*before it was listening, so run did not start/)
  const doctor = await (await runGovernor(t, ['doctor', '--sdk', 'perl'])).ended
  t.equal(doctor.code, 2)
  t.match(doctor.stderr, /--sdk takes node, twilio-cli/)
})
