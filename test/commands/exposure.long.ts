import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createClient } from '../support/app.ts'
import { runGovernor, type Program } from '../support/programs.ts'

const FREE_PORTS = { GOVERNOR_PORT: '0', GOVERNOR_ADMIN_PORT: '0' }

type Line = Record<string, unknown>

/** The log of a program that has started and been told to end. */
async function logOf (program: Program): Promise<Line[]> {
  await program.listening()
  program.kill('SIGTERM')
  return (await program.ended).stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as Line)
}

t.test('the line listening says which addresses are bound, which settings are in force and where requests go, and so does /state', async (t) => {
  const cwd = t.testdir({ 'own.yaml': 'limit: { mode: shadow }\nlisten: { host: 0.0.0.0 }\n' })
  const program = await runGovernor(t, ['start', '--config', 'own.yaml', '--port', '0'], { cwd, env: { GOVERNOR_ADMIN_PORT: '0', GOVERNOR_UPSTREAM: 'http://127.0.0.1:4' } })
  const line = await program.listening()
  const about = { settingsFile: 'own.yaml', mode: 'shadow', upstream: 'http://127.0.0.1:4' }
  t.match(line, { proxy: /^http:\/\/0\.0\.0\.0:\d+$/, admin: /^http:\/\/127\.0\.0\.1:\d+$/, version: /^\d+\.\d+\.\d+/, ...about })
  t.match((await createClient(t)(`${line['admin']}/state`)).json(), { version: line['version'], ...about })
  const log = await logOf(program)
  t.same(log.filter(({ msg }) => msg === 'exposed').map(({ level, setting }) => [level, setting]), [['warn', 'listen.host'], ['warn', 'upstream.origin']])
  t.match(await (await runGovernor(t, [], { env: FREE_PORTS })).listening(), { settingsFile: null, mode: 'enforce', upstream: 'https://*.twilio.com' })
})

t.test('check warns of what start warns of, and is content', async (t) => {
  const cwd = t.testdir({ 'config.yaml': 'listen: { host: "::" }\nadmin: { host: 0.0.0.0, changesFrom: anywhere }\nupstream: { origin: "http://stand-in.example" }\nstate: { file: state.json }\n', 'state.json': '' })
  chmodSync(join(cwd, 'state.json'), 0o644)
  chmodSync(join(cwd, 'config.yaml'), 0o644)
  const { code, stdout, stderr } = await (await runGovernor(t, ['check'], { cwd, env: { GOVERNOR_LIMT_MODE: 'off' } })).ended
  t.equal(code, 0)
  t.equal(stdout, 'The configuration is valid.\n')
  t.same(stderr.trimEnd().split('\n').map((line) => line.split(': ').slice(0, 2).join(' ')),
    ['GOVERNOR_LIMT_MODE', 'listen.host', 'admin.host', 'admin.changesFrom', 'upstream.origin', 'state.file'].map((name) => `warning ${name}`))
  t.match(stderr, /GOVERNOR_LIMT_MODE: .*did you mean GOVERNOR_LIMIT_MODE\?/)
  t.match(stderr, /stand-in\.example instead of Twilio, without encryption/)
})

t.test('a typo in a variable is told of and changes nothing; links of Kubernetes are no typos, and set no port', async (t) => {
  const links = {
    GOVERNOR_SERVICE_HOST: '10.0.0.1',
    GOVERNOR_SERVICE_PORT: '8080',
    GOVERNOR_SERVICE_PORT_HTTP: '8080',
    GOVERNOR_PORT: 'tcp://10.0.0.1:8080',
    GOVERNOR_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
    GOVERNOR_PORT_8080_TCP_PROTO: 'tcp',
    GOVERNOR_PORT_8080_TCP_PORT: '8080',
    GOVERNOR_PORT_8080_TCP_ADDR: '10.0.0.1',
    GOVERNOR_ADMIN_SERVICE_HOST: '10.0.0.2',
    GOVERNOR_ADMIN_PORT: 'tcp://10.0.0.2:9090'
  }
  const cwd = t.testdir({ 'config.yaml': 'listen: { port: 0 }\nadmin: { port: 0 }\n' })
  const log = await logOf(await runGovernor(t, [], { cwd, env: { ...links, GOVERNOR_STATE_FLIE: '/x', governor_mode: 'off', GOVERNOR_PROT: '1', GOVERNOR_EMPTY: '' } }))
  t.match(log.filter(({ msg }) => msg === 'exposed'), [
    { setting: 'GOVERNOR_STATE_FLIE', advice: /did you mean GOVERNOR_STATE_FILE\?/ }, { setting: 'governor_mode' }, { setting: 'GOVERNOR_PROT', advice: /did you mean GOVERNOR_PORT\?/ },
    { setting: 'GOVERNOR_PORT', advice: /enableServiceLinks/ }, { setting: 'GOVERNOR_ADMIN_PORT', advice: /enableServiceLinks/ }
  ])
  t.equal(log.filter(({ msg }) => msg === 'exposed').length, 5)
})

t.test('SIGHUP ends neither the proxy nor the simulator', async (t) => {
  for (const [args, path] of [[['start'], '/livez'], [['simulate', '--port', '0'], '/_simulator/health']] as const) {
    const program = await runGovernor(t, args, { env: FREE_PORTS })
    const { admin, origin } = await program.listening()
    for (let i = 0; i < 3; i++) program.kill('SIGHUP')
    const ask = createClient(t)
    for (let i = 0; i < 3; i++) t.equal((await ask(`${admin ?? origin}${path}`)).status, 200)
    program.kill('SIGTERM')
    t.equal((await program.ended).code, 0)
  }
})

t.test('options of start go before variables, which go before the file', async (t) => {
  const cwd = t.testdir({ 'config.yaml': 'listen: { port: 1 }\nadmin: { port: 0 }\nupstream: { origin: "http://127.0.0.1:1" }\n' })
  const program = await runGovernor(t, ['--port', '0', '--upstream', 'http://127.0.0.1:3'], { cwd, env: { GOVERNOR_PORT: '2', GOVERNOR_UPSTREAM: 'http://127.0.0.1:2' } })
  t.match(await program.listening(), { upstream: 'http://127.0.0.1:3' })
  const refused = await (await runGovernor(t, ['start', '--upstream', 'ftp://x'], { cwd })).ended
  t.equal(refused.code, 1)
  t.match(refused.stderr, /--upstream: must be an origin/)
})

t.test('what is mistyped has a suggestion, help is help, and no secret is repeated', async (t) => {
  const end = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await (await runGovernor(t, args, { env: { GOVERNOR_SIMULATOR_PORT: args.includes('--env') ? SECRET : '0' } })).ended
    return `${code} ${stdout}${stderr}`
  }
  const SECRET = 'deadbeefdeadbeefdeadbeefdeadbee1'
  t.match(await end('chek'), /^1 error: unknown command 'chek'\n\(Did you mean check\?\)/)
  t.match(await end('simulat'), /Did you mean simulate\?/)
  for (const name of ['simulate', 'start']) t.match(await end(name, '-h'), /^0 Usage: twilio-governor/, name)
  for (const args of [[SECRET], ['start', '--port', SECRET], ['start', `--${SECRET}`], ['simulate', '--limit', SECRET], ['simulate', '--env'], ['check', '--config', SECRET], ['start', '--upstream', `http://x:${SECRET}@h`]]) {
    const text = await end(...args)
    t.match(text, /^[12] /, args[0]!)
    t.notMatch(text, SECRET)
  }
})
