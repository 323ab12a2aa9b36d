/**
 * What the proxy costs: direct, bare @fastify/http-proxy and twilio-governor with everything on (a log line
 * for every exchange, metrics, limit, queue), in turn within one run, so that the machine's moods hit all alike.
 *
 *     npm run bench:overhead
 */
import { root, start, stopAll } from '../programs.ts'
import { closedLoop, createSender, median, openLoop, quantile } from './load.ts'

const ROUNDS = 7
const PER_SECOND = 500
const SECONDS = 4
const PEAK_WORKERS = 64
const PEAK_SECONDS = 4

const here = new URL('./', import.meta.url).pathname
const upstream = (await start([`${here}upstream.js`]))['origin'] ?? ''
const bare = (await start([`${here}bare.js`, upstream]))['origin'] ?? ''
const governor = (await start([`${root}dist/main.js`, 'start'], {
  GOVERNOR_PORT: '0', GOVERNOR_ADMIN_PORT: '0', GOVERNOR_UPSTREAM: upstream
}))['proxy'] ?? ''

const targets = { direct: upstream, bare, governor }
type Name = keyof typeof targets
const names = Object.keys(targets) as Name[]
const p50: Record<Name, number[]> = { direct: [], bare: [], governor: [] }
const p99: Record<Name, number[]> = { direct: [], bare: [], governor: [] }
const peak: Record<Name, number[]> = { direct: [], bare: [], governor: [] }

for (const name of names) {
  const { send, close } = createSender(targets[name], PEAK_WORKERS)
  await closedLoop(send, PEAK_WORKERS, 3)
  await close()
}
for (let round = 0; round < ROUNDS; round++) {
  for (const name of names) {
    const { send, close } = createSender(targets[name], PEAK_WORKERS)
    const latencies = await openLoop(send, PER_SECOND, SECONDS)
    p50[name].push(quantile(latencies, 0.5))
    p99[name].push(quantile(latencies, 0.99))
    peak[name].push(await closedLoop(send, PEAK_WORKERS, PEAK_SECONDS))
    await close()
  }
  console.error(`round ${round + 1} of ${ROUNDS}`)
}
await stopAll()

const row = (name: Name): string =>
  `| ${name} | ${median(p50[name]).toFixed(2)} | ${median(p99[name]).toFixed(2)} | ${Math.round(median(peak[name]))} |`
const ratios = peak.governor.map((value, i) => value / (peak.bare[i] ?? NaN))
console.log([
  `Node ${process.version}, medians of ${ROUNDS} rounds; ${PER_SECOND} requests a second for ${SECONDS} s, then ${PEAK_WORKERS} workers for ${PEAK_SECONDS} s.`,
  '',
  '| way | p50 ms | p99 ms | peak requests/s |',
  '|---|---|---|---|',
  ...names.map(row),
  '',
  `added by the proxy: p50 ${(median(p50.governor) - median(p50.direct)).toFixed(2)} ms, p99 ${(median(p99.governor) - median(p99.direct)).toFixed(2)} ms`,
  `peak against the bare proxy: ${median(ratios).toFixed(2)} (rounds ${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`
].join('\n'))
