/**
 * A campaign: the Twilio SDK, unmodified but for its base URL, sends messages from concurrent calls through the
 * proxy to a simulated account with a hidden limit. Each case has fresh processes for all three.
 *
 *     npm run bench:campaign -- [messages in each case] [part of a case's name ...]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, start, stopAll } from '../programs.ts'
import { send } from './send.ts'

interface Case {
  readonly name: string
  readonly messages: number
  readonly scenario: Readonly<Record<string, unknown>> & { readonly limit: number }
}

interface Stats {
  readonly creates: { readonly total: number }
  readonly duplicates: number
  readonly meanServiceMs: number
  readonly seconds: ReadonlyArray<{ readonly second: number, readonly admitted: number, readonly throttled: number }>
}

const CALLS = 400
/** The limit is looking for the ceiling until then, seconds. */
const RAMP_S = 3

const noWire = { wireDelayMs: 0, wireJitterMs: 0 }
const fast = { medianMs: 40, p99Ms: 150 }
const slow = { medianMs: 150, p99Ms: 500 }
const cases: readonly Case[] = [
  ...[[5, 1500], [15, 3000], [50, 6000], [100, 6000]].map(([limit = 0, messages = 0]): Case =>
    ({ name: `limit ${limit}`, messages, scenario: { ...noWire, limit, latency: limit < 50 ? fast : slow } })),
  ...[[250, 8000], [500, 8000]].map(([limit = 0, messages = 0]): Case =>
    ({ name: `limit ${limit}`, messages, scenario: { ...noWire, limit, latency: { medianMs: 500, p99Ms: 1500 } } })),
  { name: 'limit 100, 10 ms of wire each way', messages: 6000, scenario: { limit: 100, latency: slow, wireDelayMs: 10 } },
  { name: 'limit 15, 10 ms of wire each way', messages: 3000, scenario: { limit: 15, latency: fast, wireDelayMs: 10 } },
  { name: 'limit 100, no headers', messages: 6000, scenario: { ...noWire, limit: 100, latency: slow, headers: { present: false, duration: false } } },
  {
    name: 'limit 100, then 40, then 150',
    messages: 8000,
    scenario: { ...noWire, limit: 100, latency: slow, timeline: [{ atMs: 5000, set: { limit: 40 } }, { atMs: 12_000, set: { limit: 150 } }] }
  }
]

const wanted = process.argv.slice(2).filter((word) => !/^\d+$/.test(word))
const count = Number(process.argv.slice(2).find((word) => /^\d+$/.test(word)) ?? 0)
console.log(`Node ${process.version}, ${CALLS} calls at once. "Ideal": limit ÷ mean time at Twilio, ${CALLS} at most. "After ${RAMP_S} s": from then to the last start.\n`)
console.log(`| case | messages | lost, twice, 429 seen | seconds | of ideal | of ideal after ${RAMP_S} s | throttled after ${RAMP_S} s |`)
console.log('|---|---|---|---|---|---|---|')
for (const { name, messages: usual, scenario } of cases) {
  const messages = count > 0 ? count : usual
  if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) continue
  const folder = mkdtempSync(join(tmpdir(), 'campaign-'))
  const file = join(folder, 'scenario.yaml')
  writeFileSync(file, JSON.stringify(scenario))
  const { origin = '' } = await start([`${root}dist/main.js`, 'simulate', '--port', '0', '--scenario', file])
  const { proxy = '' } = await start([`${root}dist/main.js`, 'start'], { GOVERNOR_PORT: '0', GOVERNOR_ADMIN_PORT: '0', GOVERNOR_UPSTREAM: origin })
  await fetch(`${origin}/_simulator/start`, { method: 'POST' })
  const { doneAtMs, failures, lastStartMs } = await send(proxy, messages, CALLS)
  const stats = await (await fetch(`${origin}/_simulator/stats`)).json() as Stats
  await stopAll()
  rmSync(folder, { recursive: true })

  const since = (stats.seconds[0]?.second ?? 0) + RAMP_S
  const late = stats.seconds.filter(({ second }) => second >= since)
  const throttled = late.reduce((sum, second) => sum + second.throttled, 0)
  const attempts = late.reduce((sum, second) => sum + second.throttled + second.admitted, 0)
  const moving = 'timeline' in scenario
  const idealPerMs = Math.min(scenario.limit, CALLS) / stats.meanServiceMs
  const steady = doneAtMs.filter((at) => at > RAMP_S * 1000 && at <= lastStartMs).length / (lastStartMs - RAMP_S * 1000)
  const share = (perMs: number): string => moving ? '' : (perMs / idealPerMs).toFixed(2)
  console.log(`| ${[
    name,
    messages,
    `${messages - stats.creates.total}, ${stats.duplicates}, ${failures}`,
    ((doneAtMs.at(-1) ?? 0) / 1000).toFixed(1),
    share(messages / (doneAtMs.at(-1) ?? NaN)),
    share(steady),
    `${(100 * throttled / attempts).toFixed(2)} %`
  ].join(' | ')} |`)
}
