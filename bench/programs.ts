import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

const programs: ChildProcess[] = []

export const root = new URL('../../../', import.meta.url).pathname

/** Starts a Node program and waits for the line of JSON that says where it listens; `pid` is added to what that says. */
export async function start (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Record<string, string>> {
  const program = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] })
  programs.push(program)
  const lines = createInterface({ input: program.stdout })
  const [line] = await once(lines, 'line') as [string]
  lines.close()
  program.stdout.resume()
  return { ...JSON.parse(line) as Record<string, string>, pid: String(program.pid) }
}

/** Ends one of them, by the `pid` that its start told. */
export async function stop (pid: string): Promise<void> {
  const at = programs.findIndex((program) => String(program.pid) === pid)
  const [program] = at === -1 ? [] : programs.splice(at, 1)
  if (program === undefined || program.exitCode !== null) return
  program.kill('SIGKILL')
  await once(program, 'exit')
}

export async function stopAll (): Promise<void> {
  await Promise.all(programs.splice(0).map(async (program) => {
    if (program.exitCode !== null) return
    program.kill('SIGKILL')
    await once(program, 'exit')
  }))
}
