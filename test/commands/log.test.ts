import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createClient } from '../support/app.ts'
import { buildProgram } from '../support/build.ts'
import { run, type Program } from '../support/programs.ts'

const freePort = (): Promise<number> => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo
    server.close(() => resolve(port))
  })
})

const accepts = (port: number): Promise<boolean> => new Promise((resolve) => {
  const socket = connect(port, '127.0.0.1', () => {
    socket.destroy()
    resolve(true)
  }).on('error', () => resolve(false))
})

/** The proxy with its standard output in this file: where it listens cannot be read there. */
async function startInto (t: Test, file: string): Promise<{ program: Program, proxy: string, admin: string }> {
  const [port, adminPort] = [await freePort(), await freePort()]
  const program = run(t, 'sh', ['-c', 'exec "$0" "$@" > "$FILE"', process.execPath, await buildProgram(), 'start'], {
    env: { FILE: file, GOVERNOR_PORT: String(port), GOVERNOR_ADMIN_PORT: String(adminPort) }
  })
  while (!await accepts(port)) await sleep(20)
  return { program, proxy: `http://127.0.0.1:${port}`, admin: `http://127.0.0.1:${adminPort}` }
}

/** Each is refused, and would have its line in the log. */
async function sendMany (t: Test, proxy: string, requests: number): Promise<void> {
  const client = createClient(t)
  const statuses = new Set<number>()
  for (let sent = 0; sent < requests; sent += 50) {
    for (const { status } of await Promise.all(Array.from({ length: 50 }, () => client(proxy, { headers: { host: 'evil.example' } })))) statuses.add(status)
  }
  t.same([...statuses], [421], `all ${requests} were answered`)
}

async function stops (t: Test, { kill, ended }: Program): Promise<string> {
  kill('SIGTERM')
  const { code, stderr } = await ended
  t.equal(code, 0)
  return stderr
}

t.test('a log that cannot be written stops neither traffic nor the end, and is told of once', async (t) => {
  const { program, proxy, admin } = await startInto(t, '/dev/full')
  await sendMany(t, proxy, 200)
  t.equal((await createClient(t)(`${admin}/livez`)).status, 200)
  t.equal(await stops(t, program), 'The log cannot be written (ENOSPC). Lines are lost, requests are not.\n')
})

t.test('a log whose reader has stalled stops neither traffic nor the end', async (t) => {
  const pipe = `${t.testdir()}/pipe`
  execFileSync('mkfifo', [pipe])
  const reader = openSync(pipe, constants.O_RDWR)
  t.teardown(() => { closeSync(reader) })
  const { program, proxy, admin } = await startInto(t, pipe)
  await sendMany(t, proxy, 1500)
  t.equal((await createClient(t)(`${admin}/livez`)).status, 200)
  t.equal(await stops(t, program), '')
})
