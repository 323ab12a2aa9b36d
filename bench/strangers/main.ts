/**
 * What one client can do to another: for each way of taking more than a share, a victim's requests with and without it,
 * in turn within one run, and the proxy's memory before, during and after.
 *
 *     npm run bench:strangers
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import { root, start, stop, stopAll } from '../programs.ts'

const ROUNDS = 3
const PER_SECOND = 100
const SECONDS = 5
/** How long the attack has run before it is measured, milliseconds. */
const SETTLE_MS = 2_000
/** Until memory is looked at again after the attack: unknown accounts are given up after a minute. */
const AFTER_MS = 75_000
const ACCOUNT = `AC${'a'.repeat(32)}`
const GOOD = `Basic ${Buffer.from(`${ACCOUNT}:good`).toString('base64')}`
const KINDS = [
  'unfinished uploads', 'idle connections', 'slow headers', 'invented credentials', 'invented accounts', 'invented deletes to defer', 'refused requests', 'invented edges'
]

const here = new URL('./', import.meta.url).pathname
const only = process.argv[2]
const folder = mkdtempSync(join(tmpdir(), 'strangers-'))
const caDir = join(folder, 'ca')
const config = join(folder, 'config.yaml')
writeFileSync(config, "pacing: { rules: { nightly: { match: { methods: [DELETE] }, defer: true, openHours: [{ from: '03:00', to: '03:01', timeZone: UTC, days: [sun] }] } } }\n")
execFileSync(process.execPath, [`${root}dist/main.js`, 'ca', 'init', '--dir', caDir])
const upstream = (await start([`${here}upstream.js`, GOOD]))['origin'] ?? ''

const pause = async (ms: number): Promise<void> => { await new Promise((resolve) => { setTimeout(resolve, ms) }) }
const megabytes = (pid: string): number => Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024)
const quantile = (values: readonly number[], q: number): number => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))] ?? NaN
const median = (values: readonly number[]): number => quantile(values, 0.5)

interface Served { readonly latenciesMs: number[], lost: number }

/** An honest client: as many requests a second, whatever comes back. */
async function serve (proxy: string): Promise<Served> {
  const dispatcher = new Agent({ localAddress: '127.0.0.2', connections: 50 })
  const served: Served = { latenciesMs: [], lost: 0 }
  const running: Array<Promise<void>> = []
  for (let i = 0; i < PER_SECOND * SECONDS; i++) {
    running.push((async () => {
      const sinceMs = performance.now()
      try {
        const { statusCode, body } = await request(`${proxy}/2010-04-01/Accounts/${ACCOUNT}/Messages.json`,
          { dispatcher, method: 'POST', headers: { authorization: GOOD, 'content-type': 'application/x-www-form-urlencoded' }, body: `To=%2B1555${i}&Body=hello` })
        await body.dump()
        if (statusCode !== 201) served.lost++
      } catch {
        served.lost++
      }
      served.latenciesMs.push(performance.now() - sinceMs)
    })())
    await pause(1000 / PER_SECOND)
  }
  await Promise.all(running)
  await dispatcher.close()
  return served
}

const rows: string[] = []
for (const kind of only === undefined ? KINDS : [only]) {
  const governor = await start([`${root}dist/main.js`, 'start'], {
    GOVERNOR_CONFIG: config,
    GOVERNOR_PORT: '0',
    GOVERNOR_ADMIN_PORT: '0',
    GOVERNOR_UPSTREAM: upstream,
    GOVERNOR_CA_DIR: caDir,
    GOVERNOR_DEFERRAL_FILE: join(folder, `${kind.replaceAll(' ', '-')}.db`),
    GOVERNOR_DEFERRAL_KEY: 'a'.repeat(64)
  })
  const { proxy = '', pid = '' } = governor
  await serve(proxy)
  const before = megabytes(pid)
  const [alone, attacked]: [number[], number[]] = [[], []]
  let lost = 0
  let during = 0
  for (let round = 0; round < ROUNDS; round++) {
    alone.push(quantile((await serve(proxy)).latenciesMs, 0.99))
    const attacker = await start([`${here}attacker.js`, kind, proxy])
    await pause(SETTLE_MS)
    const served = await serve(proxy)
    attacked.push(quantile(served.latenciesMs, 0.99))
    lost += served.lost
    during = Math.max(during, megabytes(pid))
    await stop(attacker['pid'] ?? '')
    await pause(1_000)
  }
  await pause(AFTER_MS)
  await serve(proxy)
  const ratio = median(attacked) / median(alone)
  rows.push(`| ${kind} | ${lost} of ${ROUNDS * PER_SECOND * SECONDS} | ${median(alone).toFixed(1)} | ${median(attacked).toFixed(1)} | ${ratio.toFixed(2)} | ${before} | ${during} | ${megabytes(pid)} |`)
  console.error(rows.at(-1))
  await stop(pid)
}
await stopAll()
rmSync(folder, { recursive: true })
console.log([
  `Node ${process.version}; a victim's ${PER_SECOND} requests a second for ${SECONDS} s, alone and beside one client that takes all it can, medians of ${ROUNDS} rounds.`,
  '',
  '| what the other does | lost | p99 alone, ms | p99 beside it, ms | ratio | MB before | MB during | MB after |',
  '|---|---|---|---|---|---|---|---|',
  ...rows
].join('\n'))
