/** Runs a command whose requests to Twilio come through a proxy of its own, which ends with it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { constants } from 'node:os'
import { resolve } from 'node:path'
import type { Authority } from '../../interception/authority.ts'
import { codeOf } from '../../storage/file.ts'
import { forApplication, forProxy } from './environments.ts'
import type { Environment } from './bundle.ts'
import { variables } from './variables.ts'

export interface RunOptions {
  readonly command: string
  readonly args: readonly string[]
  /** The authority, and its folder. */
  readonly authority: Authority
  readonly folder: string
  /** Base URL of a proxy that runs already; otherwise one is started. */
  readonly proxy: string | undefined
  /** Arguments of node that start the proxy. */
  readonly start: readonly string[]
  readonly env: Environment
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const

/**
 * Resolves with the exit code: the command's own, or 128 and its signal's number as shells have it; 127 where it cannot
 * be started.
 */
export async function runCommand (
  { command, args, authority, folder, proxy, start, env }: RunOptions
): Promise<number> {
  const own = proxy === undefined ? await startProxy(start, folder, env) : undefined
  const url = proxy ?? own?.url ?? ''
  const environment = { ...forApplication(env), ...await variables(url, authority, folder, env) }
  // Before the command is there: one that came between the two ended us alone, and left the command behind.
  const forward = (signal: NodeJS.Signals): void => { child.kill(signal) }
  for (const signal of SIGNALS) process.on(signal, forward)
  const child = spawn(command, args, { stdio: 'inherit', env: environment })
  try {
    const [code, signal] = await once(child, 'exit') as [number | null, NodeJS.Signals | null]
    return code ?? 128 + (signal === null ? 0 : constants.signals[signal])
  } catch (error) {
    console.error(`${command} cannot be started (${codeOf(error)})`)
    return 127
  } finally {
    for (const signal of SIGNALS) process.off(signal, forward)
    if (own !== undefined) await stop(own.child)
  }
}

async function startProxy (
  start: readonly string[],
  folder: string,
  env: Environment
): Promise<{ readonly url: string, readonly child: ChildProcess }> {
  const child = spawn(process.execPath, start, {
    // A terminal's Ctrl-C goes to every process of its group: the proxy is to outlive the command.
    detached: true,
    // It ends when its standard input does: with us, however we end.
    stdio: ['pipe', 'pipe', 'inherit'],
    env: forProxy(env, resolve(folder))
  })
  const ended = once(child, 'exit').then(() => { throw new ProxyEndedError() })
  const lines = createInterface({ input: child.stdout })
  const url = await Promise.race([ended, new Promise<string>((resolve) => {
    lines.on('line', (line) => {
      const url = listeningAt(line)
      if (url !== undefined) resolve(url)
      // What else it has to say is for people to see, and not part of the command's output.
      else process.stderr.write(`${line}\n`)
    })
  })])
  ended.catch(() => {})
  return { url, child }
}

/** Where the proxy listens, if this is the line that says so. */
function listeningAt (line: string): string | undefined {
  try {
    const { msg, proxy } = JSON.parse(line) as { msg?: string, proxy?: string }
    return msg === 'listening' ? proxy : undefined
  } catch {
    return undefined
  }
}

/** It has said why, on standard error. */
class ProxyEndedError extends Error {
  override readonly name = 'ProxyEndedError'
  readonly faults: readonly string[]

  constructor () {
    super('The proxy ended before it was listening, so run did not start the command.')
    this.faults = [this.message]
  }
}

async function stop (child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
}
