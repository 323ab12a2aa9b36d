/** A Prometheus that has scraped what the tests recorded. Debian's package `prometheus` has both programs. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What one scrape gave, and when it is said to have been, seconds since 1970. */
export interface Recorded { readonly atSeconds: number, readonly text: string }

export interface Prometheus {
  /** The series that a query gives at a moment. */
  readonly ask: (query: string, atSeconds: number) => Promise<ReadonlyArray<{ readonly metric: Readonly<Record<string, string>>, readonly value: readonly [number, string] }>>
  readonly close: () => Promise<void>
}

export function isInstalled (): boolean {
  try {
    for (const program of ['prometheus', 'promtool']) execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

export async function startPrometheus (scrapes: readonly Recorded[]): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'governor-queries-'))
  const [samples, data, settings] = ['samples.txt', 'data', 'prometheus.yml'].map((name) => join(folder, name)) as [string, string, string]
  writeFileSync(samples, `${scrapes.flatMap(withTime).join('\n')}\n# EOF\n`)
  writeFileSync(settings, 'global: {}\n')
  execFileSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', samples, data], { stdio: ['ignore', 'ignore', 'inherit'] })
  const port = await freePort()
  const server = spawn('prometheus', [`--config.file=${settings}`, `--storage.tsdb.path=${data}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=error'], { stdio: ['ignore', 'inherit', 'inherit'] })
  const ended = once(server, 'exit')
  const origin = `http://127.0.0.1:${port}`
  while (!await fetch(`${origin}/-/ready`).then(({ ok }) => ok, () => false)) {
    if (server.exitCode !== null) throw new Error('prometheus ended')
    await new Promise((resolve) => { setTimeout(resolve, 50) })
  }
  return {
    ask: async (query, atSeconds) => {
      const answer = await fetch(`${origin}/api/v1/query?${new URLSearchParams({ query, time: String(atSeconds) }).toString()}`)
      const { status, error, data: found } = await answer.json() as { status: string, error?: string, data: { result: Awaited<ReturnType<Prometheus['ask']>> } }
      if (status !== 'success') throw new Error(`${query}: ${error ?? status}`)
      return found.result
    },
    close: async () => {
      server.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true })
    }
  }
}

const withTime = ({ atSeconds, text }: Recorded): string[] =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => `${line.replace(/ Nan$/, ' NaN')} ${atSeconds}`)

async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
