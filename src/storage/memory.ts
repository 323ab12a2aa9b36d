/**
 * Stores what the limits have learnt in a file, so that a proxy that starts again need not learn it from 429s. The file
 * only helps: the proxy runs on without it, or with one that it cannot read.
 */
import type { Remembered } from '../policy/limit/remembered.ts'
import type { LearntAccount, Recall } from '../proxy/gate/accounts.ts'
import type { Clock, Timer } from '../proxy/ports/clock.ts'
import { codeOf, readSmallFile, replaceFile } from './file.ts'
import { decode, encode, type StoredLimit } from './format.ts'

export interface StateOptions {
  /** Null stores nothing. */
  readonly file: string | null
  /** An account that was last used longer ago starts as a new one, milliseconds. */
  readonly maxAgeMs: number
  /** How often the file is written when something has changed, milliseconds: what a crash may lose. */
  readonly writeEveryMs: number
}

export interface StateDependencies {
  readonly clock: Clock
  /** How an account is named in the file. */
  readonly nameOf: (account: string) => string
  /** Called for each fault of the file, and for each failed write, but only once for failures in a row. */
  readonly warn: (file: string, fault: string) => void
}

export interface StateMemory {
  readonly recall: Recall
  /** From now on the file follows what has been learnt. */
  readonly follow: (learnt: () => Iterable<LearntAccount>) => void
  /** Writes what is left to write. Called twice, it does nothing more. */
  readonly close: () => Promise<void>
}

/** Most limits stored; the ones unused for longest give way. */
const MOST_LIMITS = 10_000
/** Moments are stored to this part of the age allowed, so that traffic alone does not change the file. */
const GRAIN = 1 / 60
/** While writes fail, one warning in so long, milliseconds. */
const WARN_EVERY_MS = 600_000

const NOTHING: StateMemory = { recall: () => undefined, follow: () => {}, close: async () => {} }

export async function openStateMemory (
  options: StateOptions,
  { clock, nameOf, warn }: StateDependencies
): Promise<StateMemory> {
  const { file, maxAgeMs, writeEveryMs } = options
  if (file === null) return NOTHING
  const path = file
  /** In order of their last use as far as known, oldest first. */
  const limits = new Map<string, StoredLimit>()
  const grainMs = Math.max(1, GRAIN * maxAgeMs)
  let learnt: (() => Iterable<LearntAccount>) | undefined
  let written = ''
  let warnedAtMs = -Infinity
  let timer: Timer | undefined
  let writing: Promise<void> = Promise.resolve()

  const mayWrite = await load()

  /** False when the file is somebody else's. */
  async function load (): Promise<boolean> {
    const read = await readSmallFile(path)
    if (read === undefined) return true
    const decoded = 'text' in read ? decode(read.text, clock.epochMs()) : read
    if ('fault' in decoded) {
      warn(
        path,
        decoded.foreign ? `${decoded.fault}: the proxy does not touch it, and stores no state` : `${decoded.fault}: the proxy ignores it`
      )
      return !decoded.foreign
    }
    for (const limit of [...decoded.limits].sort((a, b) => a.atMs - b.atMs)) limits.set(limit.account, limit)
    forget()
    written = JSON.stringify([...limits.values()])
    return true
  }

  function recall (account: string): Remembered | undefined {
    const stored = limits.get(nameOf(account))
    if (stored === undefined) return undefined
    const { account: _, atMs, ...rest } = stored
    const agoMs = Math.max(0, clock.epochMs() - atMs)
    return agoMs > maxAgeMs ? undefined : { ...rest, agoMs }
  }

  function collect (): void {
    const nowMs = clock.epochMs()
    for (const { account: key, idleMs, ...rest } of learnt?.() ?? []) {
      const account = nameOf(key)
      const atMs = Math.floor(Math.floor((nowMs - idleMs) / grainMs) * grainMs)
      limits.delete(account)
      limits.set(account, { account, atMs, ...rest })
    }
    forget()
  }

  function forget (): void {
    const sinceMs = clock.epochMs() - maxAgeMs - grainMs
    let surplus = limits.size - MOST_LIMITS
    for (const [account, { atMs }] of limits) {
      if (surplus-- > 0 || atMs < sinceMs) limits.delete(account)
    }
  }

  async function write (): Promise<void> {
    collect()
    const kept = [...limits.values()]
    const text = JSON.stringify(kept)
    if (text === written) return
    try {
      await replaceFile(path, encode(kept, clock.epochMs()))
      written = text
      warnedAtMs = -Infinity
    } catch (error) {
      if (clock.nowMs() - warnedAtMs < WARN_EVERY_MS) return
      warnedAtMs = clock.nowMs()
      warn(path, `cannot be written (${codeOf(error)})`)
    }
  }

  function arm (): void {
    timer = clock.setTimer(() => {
      timer = undefined
      writing = write().then(arm)
    }, writeEveryMs)
  }

  return {
    recall,
    follow: (source) => {
      if (!mayWrite || learnt !== undefined) return
      learnt = source
      arm()
    },
    close: async () => {
      if (learnt === undefined) return
      await writing
      if (timer !== undefined) clock.clearTimer(timer)
      timer = undefined
      await write()
      learnt = undefined
    }
  }
}
