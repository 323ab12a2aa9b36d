/** One client does its worst; what another gets. Counts alone: times and memory are for `npm run bench:strangers`. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { Agent, request } from 'undici'
import { ACCOUNT, AUTHORIZATION, MESSAGES, startApp, startUpstream, until } from './support/app.ts'
import { run, type Program } from './support/programs.ts'
import { buildProgram } from './support/build.ts'

const VICTIM = '127.0.0.2'
const ATTACKER = '127.0.0.3'
const FORM = 'Content-Type: application/x-www-form-urlencoded\r\n'

type Send = (method?: 'GET' | 'POST') => Promise<number>

/** A client at an address of its own, on connections that it keeps. */
function client (t: Test, origin: string, authorization = AUTHORIZATION): Send {
  const agent = new Agent({ localAddress: VICTIM, connections: 4 })
  t.teardown(async () => { await agent.destroy() })
  return async (method = 'POST') => {
    const { statusCode, body } = await request(origin + MESSAGES, {
      dispatcher: agent, method, headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' }, body: method === 'POST' ? 'To=%2B1&Body=x' : null
    })
    await body.dump()
    return statusCode
  }
}

async function attack (t: Test, origin: string, text: string, from = ATTACKER): Promise<Socket> {
  const { hostname: host, port } = new URL(origin)
  const socket = connect({ host, port: Number(port), localAddress: from })
  t.teardown(() => { socket.destroy() })
  socket.on('error', () => {}).resume()
  await once(socket, 'connect')
  socket.write(text)
  return socket
}

/** Knows one credential. */
async function twilio (t: Test): Promise<string> {
  const { origin } = await startUpstream(t, ({ headers }, response) => {
    response.writeHead(headers.authorization === AUTHORIZATION ? 201 : 401, { 'content-type': 'application/json' }).end('{}')
  })
  return origin
}

const statuses = (send: Send, times: number): Promise<number[]> => Promise.all(Array.from({ length: times }, () => send()))
const created = (times: number): number[] => Array.from({ length: times }, () => 201)

t.test('unfinished uploads that fill the body memory lose it to whoever else has a body', async (t) => {
  for (const [what, from, authorization] of [['another address', ATTACKER, ''], ['the same address', VICTIM, ''], ['the same account', ATTACKER, `Authorization: ${AUTHORIZATION}x\r\n`]] as const) {
    const started = await startApp(t, await twilio(t), { body: { maxBytes: 100_000, maxWaitingBytes: 300_000 } })
    await Promise.all(Array.from({ length: 5 }, () =>
      attack(t, started.proxy, `POST ${MESSAGES} HTTP/1.1\r\nHost: localhost\r\n${authorization}${FORM}Transfer-Encoding: chunked\r\n\r\nea60\r\n${'x'.repeat(60_000)}`, from)))
    await until(() => started.app.state.waitingBodyBytes() === 300_000)
    t.strictSame(await statuses(client(t, started.proxy), 10), created(10), what)
  }
})

t.test('bodies of requests that wait give way, too, and are told so', async (t) => {
  const { origin } = await startUpstream(t, () => {})
  const started = await startApp(t, origin, { limit: { algorithm: 'fixed', fixed: 1 }, body: { maxBytes: 100_000, maxWaitingBytes: 300_000 } })
  const waiting = await Promise.all(Array.from({ length: 3 }, () =>
    attack(t, started.proxy, `POST ${MESSAGES} HTTP/1.1\r\nHost: localhost\r\n${FORM}Content-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`)))
  await until(() => started.app.state.waitingRequests() === 2)
  const answers = waiting.map(async (socket) => String((await once(socket, 'data') as [Buffer])[0]))
  void attack(t, started.proxy, `POST ${MESSAGES} HTTP/1.1\r\nHost: localhost\r\n${FORM}Content-Length: 50000\r\n\r\n${'x'.repeat(50_000)}`, VICTIM)
  const answer = await Promise.race(answers)
  t.match(answer, /^HTTP\/1\.1 429 /)
  t.match(answer, /governor-shed: queue_bytes/)
  await until(() => started.app.state.waitingBodyBytes() === 250_000)
})

t.test('connections that ask nothing, or never finish asking, give way to those of others', async (t) => {
  for (const text of ['', 'GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ', `POST ${MESSAGES} HTTP/1.1\r\nHost: localhost\r\n${FORM}Content-Length: 1000\r\n\r\nx`]) {
    const { proxy } = await startApp(t, await twilio(t), { listen: { maxConnections: 20 } })
    const sockets = await Promise.all(Array.from({ length: 30 }, () => attack(t, proxy, text)))
    await until(() => sockets.filter(({ closed }) => closed).length >= 10)
    t.strictSame(await statuses(client(t, proxy), 10), created(10))
    const open = sockets.filter(({ closed }) => !closed).length
    t.ok(open <= 20 && open >= 12, `${open} stay: they give way only to those who come`)
  }
})

t.test('invented credentials, names and accounts take none of an account\'s places', async (t) => {
  const waiting: Array<() => void> = []
  const { origin } = await startUpstream(t, ({ headers }, response) => {
    const answer = (): void => { response.writeHead(headers.authorization === AUTHORIZATION ? 201 : 401).end('{}') }
    if (headers.authorization === AUTHORIZATION) answer()
    else waiting.push(answer)
  })
  const started = await startApp(t, origin, { limit: { algorithm: 'fixed', fixed: 10 }, queue: { maxWaiting: 20 } })
  const send = client(t, started.proxy)
  t.equal(await send(), 201)
  for (let i = 0; i < 60; i++) {
    const invented = Buffer.from(`${ACCOUNT}:invented ${i}`).toString('base64')
    void attack(t, started.proxy, `POST ${MESSAGES} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic ${invented}\r\nGovernor-Caller: caller-${i}\r\nGovernor-Class: critical\r\nContent-Length: 0\r\n\r\n`)
  }
  await until(() => waiting.length === 4)
  t.strictSame(await statuses(send, 30), created(30))
  t.equal(waiting.length, 4, 'few strangers are at Twilio at once')
  for (const answer of waiting) answer()
})

t.test('thousands of refusals are few lines in the log, and all are counted', async (t) => {
  const started = await startApp(t, await twilio(t))
  const one = 'GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n'
  const socket = await attack(t, started.proxy, one.repeat(500))
  let answers = 0
  socket.on('data', (chunk: Buffer) => { answers += chunk.toString().split('HTTP/1.1 421').length - 1 })
  await until(() => answers === 500)
  t.equal(started.log().filter(({ msg }) => msg === 'refused').length, 20)
  await started.app.close()
  t.match(started.log().find(({ msg }) => msg === 'more of the same'), { reason: 'unknown_host', peer: ATTACKER, leftOut: 480 })
})

/** The program with so few descriptors. */
async function runShort (t: Test, descriptors: number, upstream: string): Promise<{ program: Program, proxy: string, admin: string }> {
  const program = run(t, 'sh', ['-c', `ulimit -n ${descriptors}; exec "$0" "$@"`, process.execPath, await buildProgram()],
    { env: { GOVERNOR_PORT: '0', GOVERNOR_ADMIN_PORT: '0', GOVERNOR_UPSTREAM: upstream } })
  const { proxy = '', admin = '' } = await program.listening()
  return { program, proxy, admin }
}

t.test('where descriptors are few, neither the port nor the admin port can be taken by one client', async (t) => {
  const { proxy, admin } = await runShort(t, 160, await twilio(t))
  const sockets = await Promise.all(Array.from({ length: 300 }, (_, i) => attack(t, i % 3 === 0 ? admin : proxy, '')))
  await until(() => sockets.filter(({ closed }) => closed).length > 150)
  t.strictSame(await statuses(client(t, proxy), 20), created(20))
  const { statusCode } = await request(`${admin}/readyz`)
  t.equal(statusCode, 200)
})

t.test('a request whose headers do not come ends, and a connection that never asks ends without an answer', async (t) => {
  const { proxy } = await startApp(t, await twilio(t), { listen: { headersTimeoutMs: 1_000 } })
  const [slow, silent] = [await attack(t, proxy, 'GET / HTTP/1.1\r\nHost: local'), await attack(t, proxy, '')]
  const [answers, said] = [[] as string[], [] as string[]]
  slow.on('data', (chunk: Buffer) => answers.push(chunk.toString()))
  silent.on('data', (chunk: Buffer) => said.push(chunk.toString()))
  await until(() => slow.closed && silent.closed)
  t.match(answers.join(''), /^HTTP\/1\.1 408 /)
  t.same(said, [])
})
