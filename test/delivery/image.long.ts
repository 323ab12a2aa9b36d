import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { loadSettings } from '../../src/config/load.ts'
import { run, runGovernor } from '../support/programs.ts'

const text = readFileSync('Dockerfile', 'utf8')
const [, command = '[]'] = /^HEALTHCHECK .*\\\n *CMD (.*)$/m.exec(text) ?? []
const [program, ...args] = JSON.parse(command) as string[]

/** The variables that the image sets. */
const image = Object.fromEntries([...(/^ENV ((?:.*\\\n)*.*)$/m.exec(text)?.[1] ?? '').matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name!, value!]))

const freePort = (): Promise<string> => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo
    server.close(() => resolve(String(port)))
  })
})

async function health (t: Test, env: Readonly<Record<string, string>>): Promise<number | null> {
  t.equal(program, 'node')
  return (await run(t, process.execPath, args, { env }).ended).code
}

t.test('the health check asks whichever runs, the proxy or the simulator', async (t) => {
  const ports = { GOVERNOR_ADMIN_PORT: await freePort(), GOVERNOR_SIMULATOR_PORT: await freePort() }
  t.equal(await health(t, ports), 1, 'nothing runs')
  const proxy = await runGovernor(t, ['start'], { env: { ...image, ...ports, GOVERNOR_PORT: '0' } })
  await proxy.listening()
  t.equal(await health(t, ports), 0, 'the proxy runs')
  proxy.kill('SIGTERM')
  await proxy.ended
  t.equal(await health(t, ports), 1, 'it has ended')
  const simulator = await runGovernor(t, ['simulate'], { env: { ...image, ...ports } })
  await simulator.listening()
  t.equal(await health(t, ports), 0, 'the simulator runs')
})

t.test('in the image both servers can be reached from outside, unless a file or the environment says otherwise', async (t) => {
  const hosts = (file: string, env: Readonly<Record<string, string>> = {}): readonly string[] => {
    const { listen, admin } = loadSettings({ cwd: t.testdir({ 'config.yaml': file }), env: { ...image, ...env } })
    return [listen.host, admin.host]
  }
  t.strictSame(hosts('limit: { max: 40 }'), ['0.0.0.0', '0.0.0.0'])
  t.strictSame(hosts('admin: { host: 127.0.0.1 }'), ['0.0.0.0', '127.0.0.1'])
  t.strictSame(hosts('', { GOVERNOR_HOST: '127.0.0.1' }), ['127.0.0.1', '0.0.0.0'])
})
