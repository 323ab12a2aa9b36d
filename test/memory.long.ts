import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { AUTHORIZATION, createClient, MESSAGES, startUpstream, until, type Answered } from './support/app.ts'
import { memoryBytes, peakMemoryBytes, runGovernor, type Program } from './support/programs.ts'

const BODY_BYTES = 1024
const MEGABYTE = 2 ** 20
/** Connections being opened at any moment: fewer than a listener's backlog. */
const OPENING = 200

interface Totals {
  readonly inflight: number
  readonly held: number
  readonly queued: Readonly<Record<string, number>>
  readonly waitingRequests: number
  readonly waitingBodyBytes: number
}

/** One request on a connection of its own, which stays open. */
async function post (port: number, localAddress: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress })
  await once(socket, 'connect')
  socket.resume().on('error', () => {})
  socket.write(`POST ${MESSAGES} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${AUTHORIZATION}\r\nGovernor-Timeout-Ms: 600000\r\n` +
    `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${BODY_BYTES}\r\n\r\n${'Body='.padEnd(BODY_BYTES, 'x')}`)
  return socket
}

async function postAll (port: number, localAddress: string, requests: number): Promise<Socket[]> {
  const sockets: Socket[] = []
  let left = requests
  await Promise.all(Array.from({ length: OPENING }, async () => {
    while (left-- > 0) sockets.push(await post(port, localAddress))
  }))
  return sockets
}

interface Scene {
  readonly program: Program
  readonly port: number
  readonly admin: (path: string) => Promise<Answered>
  /** Totals as soon as so many wait. */
  readonly whenWaiting: (requests: number) => Promise<Totals>
  readonly hanging: ServerResponse[]
}

/** A proxy with a limit of one, before an upstream that never answers. */
async function setScene (t: Test, nodeOptions: readonly string[]): Promise<Scene> {
  const hanging: ServerResponse[] = []
  const { origin } = await startUpstream(t, (_request, response) => { hanging.push(response) })
  const cwd = t.testdir({ 'config.yaml': 'limit: { algorithm: fixed, fixed: 1 }\nlisten: { maxConnections: 12000 }\n' })
  const program = await runGovernor(t, [], { cwd, nodeOptions, env: { GOVERNOR_PORT: '0', GOVERNOR_ADMIN_PORT: '0', GOVERNOR_UPSTREAM: origin } })
  const { proxy = '', admin = '' } = await program.listening()
  const client = createClient(t)
  return {
    program,
    port: Number(new URL(proxy).port),
    admin: (path) => client(admin + path),
    whenWaiting: async (requests) => {
      for (;;) {
        const totals = (await client(`${admin}/state`)).json()['totals'] as Totals
        if (totals.waitingRequests === requests) return totals
      }
    },
    hanging
  }
}

const EMPTY = { held: 0, queued: { critical: 0, standard: 0, read: 0, bulk: 0 }, waitingRequests: 0, waitingBodyBytes: 0 }
const shown = (bytes: number): string => `${(bytes / MEGABYTE).toFixed(0)} MB`

t.test('10,000 waiting requests take bounded memory, and when they leave nothing of them is left', async (t) => {
  const requests = 10_000
  const { program, port, admin, whenWaiting, hanging } = await setScene(t, [])
  const atRest = memoryBytes(program.pid)
  const startedAtMs = performance.now()
  const sockets = await postAll(port, '127.0.0.2', requests)
  const full = await whenWaiting(requests - 1)
  const peak = peakMemoryBytes(program.pid)
  const filledAtMs = performance.now()
  t.match(full, { inflight: 1, held: 0, queued: { standard: requests - 1 } })
  t.ok(full.waitingBodyBytes >= (requests - 1) * BODY_BYTES, 'their bodies are counted')
  t.comment(`${requests} requests in ${Math.round(filledAtMs - startedAtMs)} ms: ${shown(peak)} resident at most, ${shown(atRest)} at rest`)
  // Later versions give their garbage more room by default: see docs/docker.md.
  t.ok(peak < (Number(process.versions.node.split('.')[0]) < 22 ? 290 : 400) * MEGABYTE, 'bounded')
  for (const socket of sockets) socket.resetAndDestroy()
  t.match(await whenWaiting(0), { inflight: 1, ...EMPTY })
  t.comment(`all left within ${Math.round(performance.now() - filledAtMs)} ms`)
  t.equal(hanging.length, 1, 'of all those that left, only the one in flight was ever sent')
  hanging[0]!.end('{}')
  await until(() => program.stdout().includes('"msg":"late outcome"'))
  t.match(await whenWaiting(0), { inflight: 0, ...EMPTY }, 'its place is free again')
  const open = Number(/^nodejs_active_resources\{type="TCPSocketWrap"\} (\d+)$/m.exec((await admin('/metrics')).body.toString())?.[1])
  t.ok(open < 20, `${open} connections are open`)
})

t.test('round after round in a heap that holds one: nothing adds up', async (t) => {
  const requests = 3000
  // A round lives on some 35 MB, the rest of the program on 20; four rounds' worth do not fit, and a process whose heap is full dies.
  const { program, port, whenWaiting, hanging } = await setScene(t, ['--max-old-space-size=85'])
  const peaks: string[] = []
  for (let round = 0; round < 4; round++) {
    // Ports that have just been used rest for a minute: an address of its own for each round.
    const sockets = await postAll(port, `127.0.0.${3 + round}`, requests)
    await whenWaiting(requests - 1)
    peaks.push(shown(memoryBytes(program.pid)))
    for (const socket of sockets) socket.resetAndDestroy()
    t.match(await whenWaiting(0), { inflight: 1, ...EMPTY }, `round ${round + 1}`)
    for (const response of hanging.splice(0)) response.end('{}')
  }
  t.comment(`resident with ${requests} waiting, round by round: ${peaks.join(', ')}`)
})
