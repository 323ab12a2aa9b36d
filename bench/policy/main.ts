/**
 * What the traffic policy does: pacing, learnt limits, priorities, callers' shares, shared reads. Each measurement has a
 * proxy and an upstream of its own, and what it is compared with runs before it through the same proxy.
 *
 *     npm run bench:policy -- [name …]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request } from 'undici'
import { quantile } from '../overhead/load.ts'
import { root, start, stopAll } from '../programs.ts'
import { compareReads } from './identical-reads.ts'
import { ACCOUNT, closedLoop, createClient, openLoop, type Client, type Told } from './traffic.ts'

interface Arrival { readonly atMs: number, readonly method: string, readonly path: string, readonly status: number }

interface Stage {
  readonly send: Client
  readonly seen: () => Promise<Arrival[]>
  readonly forget: () => Promise<unknown>
  /** The proxy's. */
  readonly origin: string
  /** Requests that wait in the proxy. */
  readonly waiting: () => Promise<number>
}

const MESSAGES = `/2010-04-01/Accounts/${ACCOUNT}/Messages.json`
const CODES = `/verify/v2/Services/VA${'0'.repeat(32)}/Verifications`
const TASKS = `/taskrouter/v1/Workspaces/WS${'0'.repeat(32)}/Tasks`
const NO_CEILING = 1_000_000

const pause = (seconds: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, 1000 * seconds) })
const times = (told: readonly Told[]): number[] => told.map(({ ms }) => ms).sort((a, b) => a - b)
const p = (share: number, told: readonly Told[]): number => quantile(times(told), share)
const show = (value: number, digits = 1): string => value.toFixed(digits)
const answered = (told: readonly Told[]): number => told.filter(({ status }) => status < 300).length

/** Most arrivals in any span of a second. */
function mostInASecond (arrivals: readonly Arrival[]): number {
  const at = arrivals.map(({ atMs }) => atMs).sort((a, b) => a - b)
  let first = 0
  return at.reduce((most, atMs, i) => {
    while ((at[first] ?? 0) <= atMs - 1_000) first++
    return Math.max(most, i - first + 1)
  }, 0)
}

const MEASUREMENTS: Readonly<Record<string, () => Promise<void>>> = {
  pace: () => onStage({ ceiling: NO_CEILING, serviceMs: 50, routes: [] }, { pacing: { presets: ['taskrouter-tasks'] } }, async ({ send, seen, forget }) => {
    const others = (): Promise<Told[]> => openLoop(() => send({ method: 'POST', path: MESSAGES }), 100, 60)
    await openLoop(() => send({ method: 'POST', path: MESSAGES }), 100, 5)
    const alone = await others()
    await forget()
    let over = false
    const overload = closedLoop(() => send({ method: 'GET', path: `${TASKS}?EvaluateTaskAttributes=a`, caller: `${Math.random()}`.slice(2), timeoutMs: 20_000 }), 40, Infinity, () => over)
    const beside = await others()
    const paced = (await seen()).filter(({ path }) => path.includes('EvaluateTask'))
    over = true
    const first = paced[0]?.atMs ?? 0
    const inMinute = paced.filter(({ atMs }) => atMs < first + 60_000)
    console.log(`pace: ${inMinute.length} starts in 60 s at 3 a second (${show(inMinute.length / 1.8)} %), most in any second ${mostInASecond(paced)}`)
    console.log(`      other routes p50 ${show(p(0.5, alone))} -> ${show(p(0.5, beside))} ms, p99 ${show(p(0.99, alone))} -> ${show(p(0.99, beside))} ms, ratio ${show(p(0.99, beside) / p(0.99, alone), 2)}`)
    await overload
  }),

  rates: async () => {
    for (const perSecond of [1, 10, 100, 300, 1_000]) {
      await onStage({ ceiling: NO_CEILING, serviceMs: 20, routes: [] }, { pacing: { rules: { all: { match: { products: ['api'] }, perSecond } } } }, async ({ send, seen }) => {
        let over = false
        const overload = closedLoop(() => send({ method: 'POST', path: MESSAGES, timeoutMs: 60_000 }), Math.max(5, perSecond), Infinity, () => over)
        await pause(perSecond < 10 ? 30 : 12)
        over = true
        await overload
        const arrivals = await seen()
        const first = arrivals[0]?.atMs ?? 0
        const spanMs = perSecond < 10 ? 29_500 : 10_000
        const count = arrivals.filter(({ atMs }) => atMs <= first + spanMs).length
        console.log(`rates: ${perSecond} a second: ${show(1000 * count / spanMs, 2)}, most in any second ${mostInASecond(arrivals)}`)
      })
    }
  },

  learnt: async () => {
    for (const perSecond of [3, 10, 50]) {
      await onStage({ ceiling: NO_CEILING, serviceMs: 40, routes: [{ contains: '/Tasks', perSecond, announced: true }] }, {}, async ({ send, seen }) => {
        let over = false
        const overload = closedLoop(() => send({ method: 'GET', path: `${TASKS}?Page=${Math.floor(Math.random() * 1e9)}`, timeoutMs: 15_000 }), 4 * perSecond, Infinity, () => over)
        const others = await openLoop(() => send({ method: 'POST', path: MESSAGES }), 50, 40)
        const all = (await seen()).filter(({ path }) => path.includes('/Tasks'))
        over = true
        const first = all[0]?.atMs ?? 0
        const late = all.filter(({ atMs }) => atMs > first + 5_000)
        const refused = late.filter(({ status }) => status === 429).length
        const seconds = ((late.at(-1)?.atMs ?? 0) - first - 5_000) / 1000
        console.log(`learnt: ${perSecond} a second announced: ${show(100 * refused / late.length, 2)} % refused after 5 s, ${show((late.length - refused) / seconds, 2)} a second accepted; others p99 ${show(p(0.99, others))} ms`)
        await overload
      })
    }
  },

  priorities: () => onStage({ ceiling: 50, serviceMs: 100, routes: [] }, { queue: { maxWaiting: 20_000 } }, async ({ send, seen, forget, origin, waiting }) => {
    const codes = (seconds: number): Promise<Told[]> => openLoop(() => send({ method: 'POST', path: CODES, caller: 'signup' }), 20, seconds)
    // The limit is found first: what is compared is the order, not the climb.
    await closedLoop((i) => send({ method: 'POST', path: `${MESSAGES}?${i}`, caller: 'warm-up' }), 120, 5_000)
    const alone = await codes(20)
    await forget()
    await start([`${root}bench/out/policy/deletes.js`, origin, String(DELETES)])
    while (await waiting() < 0.9 * DELETES) await pause(0.2)
    await forget()
    const beside = await codes(20)
    const arrivals = await seen()
    const accepted = arrivals.filter(({ status }) => status !== 429)
    const spanS = ((accepted.at(-1)?.atMs ?? 0) - (accepted[0]?.atMs ?? 0)) / 1000
    const refused = arrivals.length - accepted.length
    const stillWaiting = await waiting()
    console.log(`priorities: codes p50 ${show(p(0.5, alone))} -> ${show(p(0.5, beside))} ms, p99 ${show(p(0.99, alone))} -> ${show(p(0.99, beside))} ms, ratio ${show(p(0.99, beside) / p(0.99, alone), 2)}, ${answered(beside)} of ${beside.length} answered`)
    console.log(`            beside ${DELETES} deletes, ${stillWaiting} of them still waiting after 20 s: ${show(accepted.length / spanS)} starts a second, ${show(accepted.length / spanS / 500, 3)} of the ceiling ÷ service time, ${show(100 * refused / arrivals.length, 2)} % refused`)
  }),

  callers: () => onStage({ ceiling: 20, serviceMs: 100, routes: [] }, {}, async ({ send }) => {
    const small = (seconds: number): Promise<Told[]> => openLoop(() => send({ method: 'POST', path: MESSAGES, caller: 'small' }), 4, seconds)
    await closedLoop((i) => send({ method: 'POST', path: `${MESSAGES}?${i}`, caller: 'warm-up' }), 60, 2_000)
    const alone = await small(20)
    // Fifty times as much, and more than the account takes: what waits grows until it is refused.
    const noisy = openLoop(() => send({ method: 'POST', path: MESSAGES, caller: 'noisy', timeoutMs: 8_000 }), 250, 22)
    await pause(2)
    const beside = await small(20)
    const noise = await noisy
    console.log(`callers: small p50 ${show(p(0.5, alone))} -> ${show(p(0.5, beside))} ms, p99 ${show(p(0.99, alone))} -> ${show(p(0.99, beside))} ms, ratio ${show(p(0.99, beside) / p(0.99, alone), 2)}, ${answered(beside)} of ${beside.length} answered; noisy ${answered(noise)} of ${noise.length}, p50 ${show(p(0.5, noise))} ms`)
  }),

  reads: () => onStage({ ceiling: 50, serviceMs: 100, routes: [] }, { coalesce: { inFlight: true } }, async ({ send, seen }) => {
    const told = await closedLoop(() => send({ method: 'GET', path: MESSAGES }), 1_000, 1_000)
    const calls = (await seen()).length
    console.log(`reads: 1,000 identical GETs at once: ${calls} upstream, ${answered(told)} answered, p99 ${show(p(0.99, told))} ms`)
  }),

  'identical-reads': async () => {
    for (const serviceMs of [0, 5, 20]) {
      await onStage({ ceiling: NO_CEILING, serviceMs, routes: [] }, {}, async ({ send }) => {
        console.log(`identical-reads: ${serviceMs} ms upstream: ${await compareReads(send)}`)
      })
    }
  }
}

const DELETES = 19_000

async function onStage (upstream: object, settings: object, play: (stage: Stage) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'policy-'))
  try {
    const { origin = '' } = await start([`${root}bench/out/policy/upstream.js`, JSON.stringify(upstream)])
    writeFileSync(join(folder, 'config.yaml'), JSON.stringify({ upstream: { origin }, log: { level: 'error' }, ...settings }))
    const { proxy = '', admin = '' } = await start([`${root}dist/main.js`, 'start', '--config', join(folder, 'config.yaml')], { GOVERNOR_PORT: '0', GOVERNOR_ADMIN_PORT: '0' })
    const { send, close } = createClient(proxy)
    await play({
      send,
      origin: proxy,
      waiting: async () => (await (await request(`${admin}/state`)).body.json() as { totals: { queued: Record<string, number> } }).totals.queued['bulk'] ?? 0,
      seen: async () => await (await request(`${origin}/seen`)).body.json() as Arrival[],
      forget: async () => (await request(`${origin}/seen`, { method: 'DELETE' })).body.dump()
    })
    await close()
  } finally {
    await stopAll()
    rmSync(folder, { recursive: true })
  }
}

const wanted = process.argv.slice(2)
for (const [name, measure] of Object.entries(MEASUREMENTS)) if (wanted.length === 0 || wanted.includes(name)) await measure()
