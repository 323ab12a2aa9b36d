/** Our programs as users run them: child processes, with nothing of this shell's environment but the path. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { buildProgram } from './build.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A test that is cut short runs no teardown; its programs must not outlive it all the same. */
const running = new Set<ChildProcess>()
process.once('exit', () => { for (const child of running) child.kill('SIGKILL') })

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Program {
  readonly pid: number
  /** The line `listening` on standard output, as an object. Rejects when the program ends without one. */
  readonly listening: () => Promise<Record<string, string>>
  readonly stdout: () => string
  readonly ended: Promise<Ended>
  readonly kill: (signal: NodeJS.Signals) => void
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Working directory; default: the root of the project, which has no config.yaml of its own. */
  readonly cwd?: string
  /** Options of node itself. */
  readonly nodeOptions?: readonly string[]
}

/** Starts `twilio-governor` with these arguments; whatever is left of it when the test ends is killed. */
export async function runGovernor (t: Test, args: readonly string[], options: RunOptions = {}): Promise<Program> {
  return run(t, process.execPath, [...options.nodeOptions ?? [], await buildProgram(), ...args], options)
}

export function run (t: Test, command: string, args: readonly string[], { env = {}, cwd = ROOT }: RunOptions = {}): Program {
  // tap slips its loader into the environment of child processes; `env -i` takes it out again.
  const variables = Object.entries({ PATH: process.env['PATH'] ?? '', ...env }).map(([name, value]) => `${name}=${value}`)
  const child = spawn('env', ['-i', ...variables, command, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => { stdout += text })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text })
  const ended = once(child, 'close').then(([code, signal]) =>
    ({ code: code as number | null, signal: signal as NodeJS.Signals | null, stdout, stderr }))
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
    running.delete(child)
  })
  return {
    pid: child.pid ?? 0,
    listening: async () => {
      for (;;) {
        const line = stdout.split('\n').slice(0, -1).find((text) => text.includes('"msg":"listening"'))
        if (line !== undefined) return JSON.parse(line) as Record<string, string>
        const gone = await Promise.race([once(child.stdout, 'data').then(() => undefined), ended])
        if (gone !== undefined) throw new Error(`ended with ${gone.code ?? gone.signal} before it listened: ${gone.stderr}`)
      }
    },
    stdout: () => stdout,
    ended,
    kill: (signal) => { child.kill(signal) }
  }
}

/** The most memory that a process has had resident so far, bytes. */
export const peakMemoryBytes = (pid: number): number => status(pid, 'VmHWM')

/** The memory that a process has resident now, bytes. */
export const memoryBytes = (pid: number): number => status(pid, 'VmRSS')

function status (pid: number, key: string): number {
  const found = new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  if (found === null) throw new Error(`no ${key} for ${pid}`)
  return 1024 * Number(found[1])
}
