import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCaller, type Caller } from './caller.ts'
import type { Scenario } from './format.ts'
import { startListening, type Program } from './program.ts'

/** One process in front of the account, or what stands for one. */
export interface Front extends Program {
  readonly caller: Caller
  /** Where /state is. */
  readonly admin?: string
}

/** Somebody who is put before the simulated account: this proxy in some setting, or another program. */
export interface Contestant {
  readonly name: string
  /** `number` counts the proxies of a run from 0. */
  readonly start: (upstream: string, scenario: Scenario, number: number) => Promise<Front>
}

type Sections = Readonly<Record<string, unknown>>

/** Lays sections of settings over others, key by key. */
export function overlay (base: Sections, over: Sections): Sections {
  const merged: Record<string, unknown> = { ...base }
  for (const [name, section] of Object.entries(over)) merged[name] = { ...merged[name] as Sections | undefined, ...section as Sections }
  return merged
}

/** Runs `work` with a folder that is gone afterwards. */
export async function inFolder<T> (work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'governor-scenario-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The proxy as it is shipped, with settings laid over those of the scenario. `main` is the built command line. */
export function governor (name: string, main: string, over: (scenario: Scenario) => Sections = () => ({})): Contestant {
  return { name, start: (upstream, scenario) => startGovernor([main, 'start'], upstream, overlay(scenario.proxies.config, over(scenario))) }
}

/** Starts a program that reads the proxy's configuration and announces itself as the proxy does. */
export async function startGovernor (args: readonly string[], upstream: string, config: Sections, env: Readonly<Record<string, string>> = {}): Promise<Front> {
  return inFolder(async (folder) => {
    const file = join(folder, 'config.yaml')
    writeFileSync(file, JSON.stringify(overlay({ upstream: { origin: upstream }, log: { level: 'warn' } }, config)))
    const { line, ...program } = await startListening(args, { GOVERNOR_CONFIG: file, GOVERNOR_PORT: '0', GOVERNOR_ADMIN_PORT: '0', ...env })
    const { proxy = '', admin = '' } = line
    return { ...program, admin, caller: createCaller(proxy) }
  })
}
