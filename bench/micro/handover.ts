/** From a permit that is free to the next waiter's request on its connection, on real sockets. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { createApp } from '../../src/app.ts'
import { loadSettings } from '../../src/config/load.ts'
import { createFixed } from '../../src/policy/limit/fixed.ts'
import type { Limit } from '../../src/policy/limit/limit.ts'
import { quantile } from '../overhead/load.ts'
import { start, stopAll } from '../programs.ts'

const LIMIT = 20
const CALLERS = 200
const SECONDS = 25
/** What comes before is warm-up: connections are made, code is compiled. */
const WARM_UP_MS = 10_000

interface RequestMessage { readonly request: object }

export interface Handover {
  readonly upstreamMs: number
  readonly count: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly mostMs: number
}

/** With an upstream that takes so long: 20 ÷ that are sent in a second, 0 as many as the machine can. */
export async function measureHandover (upstreamMs: number): Promise<Handover> {
  const upstream = (await start([fileURLToPath(new URL('../overhead/upstream.js', import.meta.url)), String(upstreamMs)]))['origin'] ?? ''
  const startsMs: number[] = []
  const tookMs: number[] = []
  // A permit that is free goes to its next holder in the same call: its start is when the one before ended.
  const limit = createFixed(LIMIT)
  const watched: Limit = {
    ...limit,
    start: (...args) => {
      startsMs.push(performance.now())
      return limit.start(...args)
    }
  }
  const beginMs = performance.now()
  const startOf = new WeakMap<object, number>()
  // In the order of the starts; they need not reach their sockets in it.
  const created = (message: unknown): void => { startOf.set((message as RequestMessage).request, startsMs.shift() ?? NaN) }
  const sent = (message: unknown): void => {
    const nowMs = performance.now()
    const startMs = startOf.get((message as RequestMessage).request)
    if (startMs !== undefined && nowMs - beginMs > WARM_UP_MS) tookMs.push(nowMs - startMs)
  }
  subscribe('undici:request:create', created)
  subscribe('undici:client:sendHeaders', sent)
  const settings = loadSettings({ env: { GOVERNOR_PORT: '0', GOVERNOR_ADMIN_PORT: '0', GOVERNOR_UPSTREAM: upstream } })
  const app = await createApp(settings, { logger: pino({ level: 'silent' }), version: 'bench', createLimit: () => watched })
  const { proxy } = await app.listen()
  await start([fileURLToPath(new URL('callers.js', import.meta.url)), proxy, String(CALLERS), String(SECONDS)])
  await app.close()
  await stopAll()
  unsubscribe('undici:request:create', created)
  unsubscribe('undici:client:sendHeaders', sent)
  const sorted = tookMs.sort((a, b) => a - b)
  return {
    upstreamMs,
    count: sorted.length,
    perSecond: 1000 * sorted.length / (1000 * SECONDS - WARM_UP_MS),
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    mostMs: sorted.at(-1) ?? NaN
  }
}
