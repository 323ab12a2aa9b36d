import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

/** A run that is cut short stops nothing itself; its programs must not outlive it. */
const running = new Set<ChildProcess>()
process.once('exit', () => { for (const child of running) child.kill('SIGKILL') })

export interface Program {
  readonly pid: number
  readonly stop: () => Promise<void>
}

export interface Started extends Program {
  /** Resolves with its exit code or signal, and what it wrote to standard error last. */
  readonly ended: Promise<string>
}

/** Starts a program with nothing of this process's environment but the path; its standard output is `stdout`. */
export function startProgram (
  command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}, stdout: (text: string) => void = () => {}
): Started {
  const variables = Object.entries({ PATH: process.env['PATH'] ?? '', ...env }).map(([name, value]) => `${name}=${value}`)
  // A test runner slips its loader into the environment of child processes; `env -i` takes it out again.
  const child = spawn('env', ['-i', ...variables, command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => { errors = (errors + text).slice(-4000) })
  child.stdout.setEncoding('utf8').on('data', stdout)
  const ended = once(child, 'close').then(([code, signal]) => {
    running.delete(child)
    return `${String(code ?? signal)} ${errors}`
  })
  return {
    pid: child.pid ?? 0,
    ended,
    stop: async () => {
      child.kill('SIGKILL')
      await ended
    }
  }
}

/** Starts a Node program and waits for the line of JSON that says where it listens. */
export async function startListening (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Started & { readonly line: Readonly<Record<string, string>> }> {
  let text: string | undefined = ''
  let heard: (line: Readonly<Record<string, string>>) => void = () => {}
  const program = startProgram(process.execPath, args, env, (part) => {
    if (text === undefined) return
    text += part
    const line = text.split('\n').slice(0, -1).find((candidate) => candidate.startsWith('{'))
    if (line === undefined) return
    text = undefined
    heard(JSON.parse(line) as Readonly<Record<string, string>>)
  })
  const line = await new Promise<Readonly<Record<string, string>>>((resolve, reject) => {
    heard = resolve
    program.ended.then((errors) => reject(new Error(`${args.join(' ')} ended: ${errors}`)), reject)
  })
  return { ...program, line }
}

const TICKS_PER_SECOND = 100

/** Processor time that a process has used so far, milliseconds; 0 where there is no /proc. */
export function processorMs (pid: number): number {
  try {
    // Fields after the name, which may hold blanks; user and system time are the 14th and 15th of all.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return 1000 * (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
  } catch {
    return 0
  }
}
