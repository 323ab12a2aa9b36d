import type { ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import { AUTHORIZATION, createClient, MESSAGES, startUpstream, until, type Answered, type Received } from '../support/app.ts'
import { runGovernor, type Program } from '../support/programs.ts'

const FORM = { method: 'POST', headers: { authorization: AUTHORIZATION, 'content-type': 'application/x-www-form-urlencoded' }, body: 'To=%2B15550001111&Body=hello' }

interface Scene {
  readonly program: Program
  readonly proxy: string
  readonly admin: string
  readonly client: ReturnType<typeof createClient>
  readonly received: readonly Received[]
  /** One in flight at an upstream that stays silent, one that waits behind it. */
  readonly inflight: Promise<Answered>
  readonly queued: Promise<Answered>
  readonly answerAll: () => void
}

/** A proxy with a limit of one that has a request in flight and one waiting. */
async function busyProxy (t: Test, graceMs: number): Promise<Scene> {
  const silent: ServerResponse[] = []
  let answering = false
  const answer = (response: ServerResponse): void => {
    response.writeHead(201, { 'content-type': 'application/json' }).end('{"sid":"SM1"}')
  }
  const { origin, received } = await startUpstream(t, (_request, response) => {
    if (answering) answer(response)
    else silent.push(response)
  })
  const cwd = t.testdir({ 'config.yaml': `limit: { algorithm: fixed, fixed: 1 }\nshutdown: { graceMs: ${graceMs} }\n` })
  const program = await runGovernor(t, [], { cwd, env: { GOVERNOR_PORT: '0', GOVERNOR_ADMIN_PORT: '0', GOVERNOR_UPSTREAM: origin } })
  const { proxy = '', admin = '' } = await program.listening()
  const client = createClient(t)
  const inflight = client(proxy + MESSAGES, FORM)
  await until(() => received.length === 1)
  const queued = client(proxy + MESSAGES, FORM)
  for (let waiting = 0; waiting < 1;) {
    waiting = ((await client(`${admin}/state`)).json()['totals'] as { waitingRequests: number }).waitingRequests
  }
  return {
    program,
    proxy,
    admin,
    client,
    received,
    inflight,
    queued,
    answerAll: () => {
      answering = true
      for (const response of silent) answer(response)
    }
  }
}

async function untilDraining ({ client, admin }: Scene): Promise<Record<string, unknown>> {
  for (;;) {
    const answer = await client(`${admin}/readyz`)
    if (answer.status === 503) return answer.json()
  }
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`${signal}: what is in flight and what waits is finished, newcomers are refused, the exit code is 0`, async (t) => {
    const scene = await busyProxy(t, 20_000)
    const { program, client, proxy, admin } = scene
    program.kill(signal)
    t.match((await untilDraining(scene))['reasons'], ['draining'])
    t.equal((await client(`${admin}/livez`)).status, 200, 'it lives')
    const newcomer = await client(proxy + MESSAGES, FORM)
    t.equal(newcomer.status, 429, 'not 503, which SDKs send again at once')
    t.match(newcomer.headers, { 'governor-shed': 'draining', 'retry-after': '1', 'content-type': /json/ })
    t.match(newcomer.json(), { code: 20429, status: 429, message: /shutting down/ })
    scene.answerAll()
    t.match(await scene.inflight, { status: 201, headers: { connection: 'close' } }, 'the one in flight, and its client does not come back')
    t.equal((await scene.queued).status, 201, 'the one that waited')
    const { code, stderr, stdout } = await program.ended
    t.equal(code, 0)
    t.equal(stderr, '')
    t.equal(scene.received.length, 2, 'the newcomer was not sent')
    t.match(stdout.trimEnd().split('\n').map((line) => (JSON.parse(line) as { msg: string }).msg),
      ['listening', 'exposed', 'draining', 'refused', 'exchange', 'exchange', 'stopped'])
  })
}

t.test('a grace period that passes: who waits is told so, and the write in flight that its outcome is unknown, and the process ends without waiting for Twilio', async (t) => {
  const scene = await busyProxy(t, 300)
  const startedAtMs = performance.now()
  scene.program.kill('SIGTERM')
  const waiter = await scene.queued
  t.equal(waiter.status, 429)
  t.match(waiter.headers, { 'governor-shed': 'draining' })
  const { code, stdout } = await scene.program.ended
  const tookMs = performance.now() - startedAtMs
  const cut = await scene.inflight
  t.comment(`ended ${tookMs.toFixed(0)} ms after the signal`)
  t.ok(tookMs >= 300, 'not before the grace period is over')
  t.equal(code, 0)
  t.equal(cut.status, 504)
  t.match(cut.headers, { 'governor-outcome': 'unknown' })
  t.match(cut.json(), { message: /may have processed the request/ })
  t.equal(stdout.split('"msg":"exchange"').length - 1, 2, 'each of the two has its line in the log')
})

t.test('an idle proxy stops at once, an idle kept-alive connection notwithstanding', async (t) => {
  const { origin } = await startUpstream(t, (_request, response) => { response.end('{}') })
  const program = await runGovernor(t, ['start'], { env: { GOVERNOR_PORT: '0', GOVERNOR_ADMIN_PORT: '0', GOVERNOR_UPSTREAM: origin } })
  const { proxy = '' } = await program.listening()
  t.equal((await createClient(t)(proxy + MESSAGES)).status, 200)
  program.kill('SIGTERM')
  t.equal((await program.ended).code, 0)
})

t.test('the simulator stops on a signal, a request under way notwithstanding', async (t) => {
  const program = await runGovernor(t, ['simulate', '--port', '0'])
  const { origin = '' } = await program.listening()
  t.equal((await createClient(t)(`${origin}/_simulator/health`)).status, 200)
  program.kill('SIGTERM')
  t.equal((await program.ended).code, 0)
})

t.test('two signals in a row end it at once, and the log says what that cost', async (t) => {
  const scene = await busyProxy(t, 20_000)
  scene.inflight.catch(() => {})
  scene.queued.catch(() => {})
  scene.program.kill('SIGTERM')
  await untilDraining(scene)
  scene.program.kill('SIGTERM')
  const { code, stderr } = await scene.program.ended
  t.equal(code, 1)
  t.match(JSON.parse(stderr), { level: 'error', msg: 'cut short', signal: 'SIGTERM', open: 2 })
})
