/**
 * What a tunnel costs: twilio-node opens a new one, with a TLS handshake of its own, for every request that it sends
 * through HTTP_PROXY. Beside it the same SDK straight to the same server over TLS, with its connections kept and with a
 * new one for each request. Side by side in each round, with fresh clients, and one proxy for all rounds.
 *
 *     npm run bench:tunnels -- [requests a round] [rounds]
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { median, quantile } from '../overhead/load.ts'
import { root, start, stopAll } from '../programs.ts'

const [requests = 2000, rounds = 5] = process.argv.slice(2).map(Number)
const certificates = `${root}test/support/certificates`
/** Requests at once: what one tunnel costs, and what many cost each other. */
const AT_ONCE = [1, 20] as const

const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'tunnels-'))
try {
  await run(process.execPath, [`${root}dist/main.js`, 'ca', 'init', '--dir', folder])
  const { origin = '' } = await start([`${root}bench/out/overhead/upstream.js`, '0', `${certificates}/good.pem`, `${certificates}/good.key`])
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify({ upstream: { origin, caFile: `${certificates}/authority.pem` } }))
  const { proxy = '', pid = '' } = await start([`${root}dist/main.js`, 'start', '--config', join(folder, 'config.yaml')], {
    GOVERNOR_PORT: '0', GOVERNOR_ADMIN_PORT: '0', GOVERNOR_CA_DIR: folder
  })
  const direct = { DIRECT: origin, NODE_EXTRA_CA_CERTS: `${certificates}/authority.pem` }
  const ways = [
    { name: 'direct, connections kept', kept: 'kept', env: direct },
    { name: 'direct, a connection each', kept: 'new', env: direct },
    { name: 'a tunnel each', kept: 'new', env: { HTTP_PROXY: proxy, NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') } }
  ]
  console.log(`Node ${process.version}, ${requests} messages a round, ${rounds} rounds; medians of the rounds.\n`)
  console.log('| way | at once | p50 | p99 | added to the p50 of kept connections | of a connection each |\n|---|---|---|---|---|---|')
  const residentMb: number[] = []
  for (const atOnce of AT_ONCE) {
    const seen = ways.map(() => ({ p50: [] as number[], p99: [] as number[] }))
    for (let round = 0; round < rounds; round++) {
      for (const [i, { kept, env }] of ways.entries()) {
        const { stdout } = await run(process.execPath, [`${root}bench/tunnels/client.mjs`, String(requests), String(atOnce), kept],
          { cwd: root, env: { PATH: process.env['PATH'], ...env }, maxBuffer: 64 * 1024 * 1024 })
        const times = (JSON.parse(stdout) as number[]).sort((a, b) => a - b)
        if (times.length !== requests) throw new Error(`${times.length} of ${requests} were answered`)
        seen[i]?.p50.push(quantile(times, 0.5))
        seen[i]?.p99.push(quantile(times, 0.99))
      }
      residentMb.push(residentOf(pid))
    }
    const p50s = seen.map(({ p50 }) => median(p50))
    for (const [i, { name }] of ways.entries()) {
      const added = (base: number): string => i === 2 ? ms((p50s[2] ?? NaN) - (p50s[base] ?? NaN)) : ''
      console.log(`| ${name} | ${atOnce} | ${ms(p50s[i] ?? NaN)} | ${ms(median(seen[i]?.p99 ?? []))} | ${added(0)} | ${added(1)} |`)
    }
  }
  console.log(`\nresident memory of the proxy after each round, MB: ${residentMb.map((mb) => mb.toFixed(0)).join(', ')}`)
} finally {
  await stopAll()
  rmSync(folder, { recursive: true })
}

function ms (value: number): string { return `${value.toFixed(2)} ms` }

/** Megabytes; NaN where there is no /proc. */
function residentOf (pid: string): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
  } catch {
    return NaN
  }
}
