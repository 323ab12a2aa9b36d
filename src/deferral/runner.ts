/**
 * Takes jobs along the line while their rule is open: in their order, a bounded number at once. A job is
 * marked as running before it is sent and its end is written after, so one that a crash cut off is found again, and
 * none runs twice at once.
 */
import type { Clock, Timer } from '../proxy/ports/clock.ts'
import { decodedText } from '../proxy/forward/decoded-text.ts'
import type { ResponseHeaders } from '../proxy/forward/attempt.ts'
import type { Rerun, RunAgain } from '../proxy/pacing/rerun.ts'
import type { OpenHours } from '../proxy/ports/open-hours.ts'
import { readRetryAfter } from '../twilio/headers/feedback.ts'
import { classifyThrottle } from '../twilio/headers/throttle.ts'
import type { Commits } from './commits.ts'
import { Places } from './places.ts'
import type { Row, Store } from './store.ts'
import type { Unsealed } from './unsealed.ts'
import { judge, type RunEnd } from './verdict.ts'

export interface RunnerOptions {
  readonly atOnce: number
  readonly maxRuns: number
}

export interface RunnerDependencies {
  readonly store: Store
  readonly commits: Commits
  /** Ids of the keys that are here. */
  readonly keyIds: readonly string[]
  readonly unseal: (row: Row) => Unsealed | undefined
  readonly openHours: ReadonlyMap<string, OpenHours>
  readonly run: RunAgain
  readonly clock: Clock
  /** A run came to an end; the row is as the store has it now. */
  readonly ended: (row: Row) => void
  /** The file could not be written. */
  readonly warn: (error: unknown) => void
}

/** A job may wait so long for its turn at gate and pace, and then take so long, milliseconds. */
const START_MS = 600_000
const TAKE_MS = 60_000
/** The longest sleep: the machine's clock may be set, or may have slept itself, milliseconds. */
const LOOK_MOST_MS = 10_000
/** However long Twilio or a closed rule asks for, it is asked again within a day, milliseconds. */
const RETRY_AFTER_MOST_MS = 86_400_000
/** After a write that failed, milliseconds. */
const WRITE_AGAIN_MS = 10_000
/** The calendar has been set back by more than a clock drifts, milliseconds. */
const SET_BACK_LEAST_MS = 1_000

export class Runner {
  readonly #options: RunnerOptions
  readonly #with: RunnerDependencies
  readonly #active = new Set<Rerun>()
  readonly #places: Places
  /** Runs that have a place or are about to have one. */
  readonly #runs = new Set<Promise<void>>()
  /** From the monotonic clock to the calendar. */
  #calendarMs: number
  #looking = false
  #lookAgain = false
  #stopped = false
  #timer: Timer | undefined

  constructor (options: RunnerOptions, dependencies: RunnerDependencies) {
    this.#options = options
    this.#with = dependencies
    this.#places = new Places(options.atOnce)
    this.#calendarMs = dependencies.clock.epochMs() - dependencies.clock.nowMs()
  }

  /** There may be something to do: a new job, a free place, an open rule. */
  wake (): void {
    if (this.#stopped) return
    if (this.#looking) {
      this.#lookAgain = true
      return
    }
    this.#looking = true
    void this.#look().finally(() => {
      this.#looking = false
      if (this.#lookAgain) this.wake()
    })
  }

  /** Begins nothing more. Who waits for his turn goes back to the queue; what is at Twilio comes to its end. */
  async stop (): Promise<void> {
    this.#stopped = true
    this.#sleep(undefined)
    for (const { exchange } of this.#active) if (exchange.attempts === 0) exchange.interrupt('client_left')
    while (this.#runs.size > 0) await Promise.all(this.#runs)
  }

  async #look (): Promise<void> {
    const { store, commits, openHours, keyIds, warn } = this.#with
    this.#lookAgain = false
    let sleepMs = LOOK_MOST_MS
    try {
      const nowMs = await this.#today()
      const open: string[] = []
      for (const { rule, not_before_ms: notBeforeMs } of store.waiting(keyIds)) {
        const rest = openHours.get(rule)
        if (rest === undefined) continue
        const dueMs = Math.max(rest.opensInMs(nowMs), notBeforeMs - nowMs)
        if (dueMs <= 0) open.push(rule)
        else sleepMs = Math.min(sleepMs, dueMs)
      }
      const free = this.#options.atOnce - this.#runs.size
      if (open.length > 0 && free > 0) {
        const rows = await commits.add(() => store.claim(open, keyIds, free, nowMs))
        for (const row of rows) this.#begin(row)
      }
    } catch (error) {
      warn(error)
      sleepMs = Math.min(sleepMs, WRITE_AGAIN_MS)
    }
    this.#sleep(sleepMs)
  }

  #sleep (ms: number | undefined): void {
    const { clock } = this.#with
    if (this.#timer !== undefined) clock.clearTimer(this.#timer)
    this.#timer = ms === undefined || this.#stopped ? undefined : clock.setTimer(() => { this.wake() }, ms)
  }

  /** Milliseconds since 1970. Pauses between runs are stored as moments, and follow a calendar that was set back. */
  async #today (): Promise<number> {
    const { store, commits, clock } = this.#with
    const nowMs = clock.epochMs()
    const setBackMs = this.#calendarMs - (nowMs - clock.nowMs())
    this.#calendarMs -= setBackMs
    if (setBackMs < SET_BACK_LEAST_MS) return nowMs
    this.#places.renew()
    try {
      await commits.add(() => { store.bringForward(setBackMs) })
    } catch (error) {
      this.#calendarMs += setBackMs
      throw error
    }
    return nowMs
  }

  #begin (row: Row): void {
    const run = this.#inPlace(row).finally(() => {
      this.#runs.delete(run)
      this.wake()
    })
    this.#runs.add(run)
  }

  async #inPlace (row: Row): Promise<void> {
    if (!await this.#places.take(() => this.#run(row))) await this.#write(() => { this.#with.store.release(row) })
  }

  async #run (row: Row): Promise<void> {
    const { store, clock, openHours, unseal, maxRuns } = { ...this.#with, ...this.#options }
    const closesInMs = openHours.get(row.rule)?.closesInMs(clock.epochMs()) ?? 0
    // Stopped, or closed, between the claim and now.
    if (this.#stopped || closesInMs === 0) return this.#write(() => { store.release(row) })
    const request = unseal(row)
    if (request === undefined) {
      await this.#write(() => { store.settle(row, { state: 'failed' }, { status: 0 }, clock.epochMs()) }, true)
      this.#tell(row)
      return
    }
    const startMs = Math.min(START_MS, closesInMs)
    const end = await this.#follow(this.#with.run(request, { startMs, endMs: startMs + TAKE_MS }))
    const verdict = judge(end, { sent: row.sent === 1, failures: row.failures }, maxRuns)
    await this.#write(() => { store.settle(row, verdict, end, clock.epochMs()) }, verdict.state !== 'queued')
    this.#tell(row)
  }

  async #follow (
    rerun: Rerun
  ): Promise<RunEnd & { readonly requestId: string | undefined, readonly errorCode: number | undefined }> {
    const { clock } = this.#with
    const { exchange, answer } = rerun
    this.#active.add(rerun)
    const timer = clock.setTimer(() => { exchange.interrupt('deadline') }, exchange.identity.deadlineMs - clock.nowMs())
    try {
      const { statusCode, headers, body, own = false } = await answer
      if (!Buffer.isBuffer(body)) body.destroy()
      return {
        ...this.#attemptsOf(rerun),
        status: statusCode,
        own,
        retryAfterMs: readRetryAfter(headers, clock.epochMs(), RETRY_AFTER_MOST_MS),
        errorCode: statusCode < 400 ? undefined : codeOf(body, headers)
      }
    } catch {
      // We sent it back ourselves.
      return { ...this.#attemptsOf(rerun), status: 429, own: true, retryAfterMs: undefined, errorCode: undefined }
    } finally {
      clock.clearTimer(timer)
      this.#active.delete(rerun)
    }
  }

  #attemptsOf (
    { exchange: { attempts, throttled, failed, unsent, requestId } }: Rerun
  ): Pick<RunEnd, 'attempts' | 'throttled' | 'failed' | 'unsent'> & { readonly requestId: string | undefined } {
    return { attempts, throttled, failed, unsent, requestId }
  }

  /**
   * What became of a run has to be written, however long the disk is full; only the end of the process leaves it to the
   * next one.
   */
  async #write (write: () => void, erases = false): Promise<void> {
    const { commits, clock, warn } = this.#with
    for (;;) {
      try {
        await commits.add(write, erases)
        return
      } catch (error) {
        warn(error)
        if (this.#stopped) return
      }
      await new Promise<void>((resolve) => { clock.setTimer(resolve, WRITE_AGAIN_MS) })
    }
  }

  #tell ({ id }: Row): void {
    const row = this.#with.store.get(id)
    if (row !== undefined) this.#with.ended(row)
  }
}

/** Twilio's code in an error body. */
function codeOf (body: unknown, headers: ResponseHeaders): number | undefined {
  const text = Buffer.isBuffer(body) ? decodedText(body, headers) : undefined
  return text === undefined ? undefined : classifyThrottle(text, undefined).code
}
