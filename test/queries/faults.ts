/** The faults that the documented queries are for, played before the whole proxy, and a healthy day. */
import type { ServerResponse } from 'node:http'
import type { Test } from 'tap'
import { AUTHORIZATION, createClient, MESSAGES, startApp, startUpstream, until, type Started } from '../support/app.ts'
import { simulator } from '../simulator/support.ts'
import { readSamples, valueOf } from '../telemetry/metrics/scrape.ts'

type Over = Parameters<typeof startApp>[2]

export interface Scene {
  readonly governor: Started
  /** One scrape, as though a quarter of a minute had passed since the last. */
  readonly scrape: () => Promise<string>
  readonly send: (over?: { headers?: Record<string, string>, to?: string }) => Promise<number>
}

/** A fault, by the metric that its query asks for first. */
export interface Fault {
  readonly name: string
  readonly play: (t: Test, stage: (upstream: string, over?: Over) => Promise<Scene>) => Promise<void>
}

const FORM = { authorization: AUTHORIZATION, 'content-type': 'application/x-www-form-urlencoded' }
const created = (response: ServerResponse): void => { response.writeHead(201, { 'content-type': 'application/json', 'twilio-concurrent-requests': '1', 'twilio-request-duration': '0.010' }).end('{"sid":"SM1"}') }

export function stager (t: Test, keep: (text: string) => void): (upstream: string, over?: Over) => Promise<Scene> {
  const client = createClient(t)
  let number = 0
  return async (upstream, over) => {
    const governor = await startApp(t, upstream, over)
    const scrape = async (): Promise<string> => {
      const text = (await client(`${governor.admin}/metrics`)).body.toString()
      keep(text)
      return text
    }
    const send: Scene['send'] = async ({ headers = {}, to = '+15550001111' } = {}) => {
      const answer = await client(governor.proxy + MESSAGES, { method: 'POST', headers: { ...FORM, ...headers }, body: `To=${encodeURIComponent(to)}&From=%2B15550002222&Body=${number++}` })
      return answer.status
    }
    await scrape()
    return { governor, scrape, send }
  }
}

const many = (count: number, send: () => Promise<number>): Promise<number[]> => Promise.all(Array.from({ length: count }, send))

export const healthy = (): Fault => ({
  name: 'a healthy day',
  play: async (t, stage) => {
    const twilio = await simulator(t, { limit: 100 })
    const { scrape, send } = await stage(twilio.origin, { guard: { caps: { abroad: { max: 1_000, intervalMs: 60_000 } } } })
    for (let i = 0; i < 4; i++) {
      await many(10, send)
      await scrape()
    }
  }
})

export const faults = (): readonly Fault[] => [
  {
    name: 'throttled_total',
    play: async (t, stage) => {
      const twilio = await simulator(t, { limit: 2, latency: { medianMs: 20, p99Ms: 30 } })
      const { scrape, send } = await stage(twilio.origin)
      await send()
      await scrape()
      await many(30, send)
      await scrape()
    }
  },
  {
    name: 'shed_total',
    play: async (t, stage) => {
      const { origin } = await startUpstream(t, (_, response) => { setTimeout(() => { created(response) }, 100) })
      const { scrape, send } = await stage(origin, { limit: { algorithm: 'fixed', fixed: 1 }, queue: { maxWaiting: 1 } })
      await many(10, send)
      await scrape()
    }
  },
  {
    name: 'unknown_writes_total',
    play: async (t, stage) => {
      const { origin } = await startUpstream(t, (_, response) => { response.destroy() })
      const { scrape, send } = await stage(origin)
      await many(3, send)
      await scrape()
    }
  },
  {
    name: 'late_outcomes_total',
    play: async (t, stage) => {
      const { origin } = await startUpstream(t, (_, response) => { setTimeout(() => { response.destroy() }, 600) })
      const { governor, scrape, send } = await stage(origin)
      await send({ headers: { 'governor-timeout-ms': '400' } })
      await until(() => governor.log().some(({ msg }) => msg === 'late outcome'))
      await scrape()
    }
  },
  {
    name: 'queue_wait_seconds_bucket',
    play: async (t, stage) => {
      const { origin } = await startUpstream(t, (_, response) => { setTimeout(() => { created(response) }, 500) })
      const { scrape, send } = await stage(origin, { limit: { algorithm: 'fixed', fixed: 1 } })
      const urgent = (): Promise<number> => send({ headers: { 'governor-class': 'critical' } })
      await urgent()
      await scrape()
      await many(5, urgent)
      await scrape()
    }
  },
  {
    name: 'overhead_seconds_bucket',
    play: async (t, stage) => {
      const { origin } = await startUpstream(t, (_, response) => { created(response) })
      const { scrape, send } = await stage(origin)
      // A machine that is too small: others take the processor for a tenth of a second at a time.
      const busy = setInterval(() => { for (const endMs = performance.now() + 100; performance.now() < endMs;); }, 1)
      await many(5, send)
      clearInterval(busy)
      await scrape()
    }
  },
  {
    name: 'duplicate_sends_total',
    play: async (t, stage) => {
      const { origin } = await startUpstream(t, (_, response, number) => { if (number === 1) response.destroy(); else created(response) })
      const { governor, scrape } = await stage(origin)
      for (let i = 0; i < 2; i++) await fetch(governor.proxy + MESSAGES, { method: 'POST', headers: FORM, body: 'To=%2B15550001111&Body=same' })
      await scrape()
    }
  },
  {
    name: 'spend_cap_used_ratio',
    play: async (t, stage) => {
      const { origin } = await startUpstream(t, (_, response) => { created(response) })
      const { scrape, send } = await stage(origin, { guard: { caps: { all: { max: 10, intervalMs: 60_000 } } } })
      await many(9, send)
      await scrape()
    }
  },
  {
    name: 'spend_cap_over_total',
    play: async (t, stage) => {
      const { origin } = await startUpstream(t, (_, response) => { created(response) })
      const { scrape, send } = await stage(origin, { guard: { caps: { all: { max: 1, intervalMs: 60_000 } } } })
      await many(3, send)
      await scrape()
    }
  },
  {
    name: 'kill_switches',
    play: async (t, stage) => {
      const { origin } = await startUpstream(t, (_, response) => { created(response) })
      const { governor, scrape } = await stage(origin)
      await fetch(`${governor.admin}/switches/a`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{"all":true}' })
      await scrape()
    }
  },
  {
    name: 'reported_concurrency',
    play: async (t, stage) => {
      const twilio = await simulator(t, { limit: 8, latency: { medianMs: 150, p99Ms: 200 } })
      const { scrape, send } = await stage(twilio.origin)
      const load = { going: true }
      const done = many(16, async () => {
        while (load.going) await send()
        return 0
      })
      // The last scrape is one at which the account runs at its ceiling.
      for (let isThere = false; !isThere;) {
        const samples = readSamples(await scrape())
        isThere = (valueOf(samples, 'twilio_governor_reported_concurrency') ?? 0) > 0.9 * (valueOf(samples, 'twilio_governor_ceiling_low') ?? Infinity)
      }
      load.going = false
      await done
    }
  }
]
