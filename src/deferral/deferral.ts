/**
 * Deletes stored in a file until their rule opens. Opened once at the start; without a file it refuses, and says
 * which setting is missing.
 */
import { randomBytes } from 'node:crypto'
import type { Clock } from '../proxy/ports/clock.ts'
import type { Deferral, Jobs } from '../proxy/ports/deferral.ts'
import { ShedError } from '../proxy/errors.ts'
import type { Listener } from '../proxy/events.ts'
import type { Exchange } from '../proxy/exchange-state.ts'
import type { Answer } from '../proxy/reply/answers.ts'
import { toStore, type RunAgain } from '../proxy/pacing/rerun.ts'
import type { OpenHours } from '../proxy/ports/open-hours.ts'
import { codeOf } from '../storage/file.ts'
import { accepted, notSetUp, notWritten } from './answers.ts'
import { Commits } from './commits.ts'
import { closeDatabase, openDatabase } from './database.ts'
import { JobBoard } from './jobs.ts'
import { Runner } from './runner.ts'
import { readKeys, Seals } from './seal.ts'
import { Store, type Row } from './store.ts'
import { strangerOf, StrangersJobs } from './strangers.ts'
import { besides, decode, encode, type Unsealed } from './unsealed.ts'

export interface DeferralOptions {
  /** Null defers nothing. */
  readonly file: string | null
  /** 32 bytes in hexadecimal or base64; null takes `keyFile`, with a key a line. */
  readonly key: string | null
  readonly keyFile: string | null
  /** Most jobs that wait or run. As many finished ones are stored. */
  readonly max: number
  /** How long finished jobs are stored, milliseconds. */
  readonly keepMs: number
  readonly atOnce: number
  readonly maxRuns: number
}

export interface DeferralDependencies {
  /** The open hours of each rule that has some. */
  readonly openHours: ReadonlyMap<string, OpenHours>
  readonly clock: Clock
  readonly emit: Listener
  /** How an account is named in the file. */
  readonly labels: (account: string) => string
  /** Where a job can be looked up. */
  readonly urlOf: (id: string) => string
  readonly warn: (about: Readonly<Record<string, string | number>>) => void
}

export interface OpenDeferral extends Deferral {
  /** Absent without a file. */
  readonly jobs?: Jobs
  /** From now on jobs are run. */
  readonly start: (run: RunAgain) => void
  /** Begins no more jobs, and resolves when those that run have come to their end. Nothing is accepted any more. */
  readonly stop: () => Promise<void>
  /** Stops, and closes the file. */
  readonly close: () => Promise<void>
}

/** Finished jobs are forgotten this often, milliseconds. */
const FORGET_EVERY_MS = 600_000

/** The driver has bytes of one row as a Buffer, and of many as an ArrayBuffer. */
const bytesOf = (blob: Buffer | ArrayBuffer): Buffer => Buffer.isBuffer(blob) ? blob : Buffer.from(blob)

const OFF: OpenDeferral = {
  accept: () => Promise.resolve(notSetUp('deferral.file (GOVERNOR_DEFERRAL_FILE) is not set.')),
  start: () => {},
  stop: async () => {},
  close: async () => {}
}

/** @throws DeferralFileError when the file cannot be used. */
export async function openDeferral (
  options: DeferralOptions,
  dependencies: DeferralDependencies
): Promise<OpenDeferral> {
  const { max, keepMs } = options
  if (options.file === null) return OFF
  const file: string = options.file
  const { openHours, clock, emit, labels, urlOf, warn } = dependencies
  const seals = new Seals(readKeys(options.key, options.keyFile))
  const { keyIds } = seals
  const db = await openDatabase(file)
  const [store, commits] = [new Store(db), new Commits(db, clock)]
  const cutOff = store.recover()
  const { queued, running } = store.counts()
  /** Jobs that wait or run, and those about to be written. */
  let waiting = queued + running
  const strangers = new StrangersJobs(max)
  let runner: Runner | undefined
  let stopped = false
  let closed = false
  let timer = clock.setTimer(forget, 0)
  tellOfTheStart()

  function tellOfTheStart (): void {
    if (cutOff > 0) warn({ file, jobs: cutOff, fault: 'jobs were running when the proxy ended; they run again' })
    if (keyIds.length === 0) {
      warn({
        file,
        fault: 'there is no key (GOVERNOR_DEFERRAL_KEY or deferral.keyFile), so the proxy defers nothing and runs no job'
      })
    } else if (store.foreign(keyIds) > 0) {
      warn({
        file,
        jobs: store.foreign(keyIds),
        fault: 'jobs were encrypted with another key; they wait until you add it to deferral.keyFile, after the new one'
      })
    }
    for (const { rule, number } of store.rules()) {
      if (!openHours.has(rule)) {
        warn({ file, rule, jobs: number, fault: 'jobs wait for a rule that has no open hours in the settings' })
      }
    }
  }

  function forget (): void {
    void commits.add(() => { store.forget(clock.epochMs() - keepMs, max) }).catch(failed)
    timer = clock.setTimer(forget, FORGET_EVERY_MS)
  }

  function failed (error: unknown): void {
    warn({ file, fault: `cannot be written (${codeOf(error)})` })
  }

  async function accept (exchange: Exchange, rule: string): Promise<Answer> {
    const { identity: { account, route } } = exchange
    const id = randomBytes(16).toString('hex')
    const sealed = seals.seal(encode(toStore(exchange)), besides({ id, rule, route }))
    if (sealed === undefined) {
      return notSetUp('there is no key (GOVERNOR_DEFERRAL_KEY or deferral.keyFile) to encrypt its credential with.')
    }
    if (stopped) throw new ShedError('draining', 1_000)
    const stranger = strangerOf(exchange)
    if (waiting >= max || (stranger !== undefined && !strangers.mayAdd(stranger))) {
      throw new ShedError('deferral_full', Math.max(1_000, openHours.get(rule)?.opensInMs(clock.epochMs()) ?? 0))
    }
    waiting++
    if (stranger !== undefined) strangers.add(id, stranger)
    try {
      await commits.add(() => {
        store.insert({
          id,
          rule,
          route,
          account: labels(account.key),
          key_id: sealed.keyId,
          sealed: sealed.bytes,
          created_ms: clock.epochMs()
        })
      })
    } catch (error) {
      waiting--
      strangers.end(id)
      failed(error)
      return notWritten(codeOf(error))
    }
    emit({ type: 'deferred', outcome: 'accepted', job: id, account: labels(account.key), route, rule })
    runner?.wake()
    return accepted(id, urlOf(id))
  }

  function unseal (row: Row): Unsealed | undefined {
    const text = row.sealed === null
      ? undefined
      : seals.open({ keyId: row.key_id, bytes: bytesOf(row.sealed) }, besides(row))
    return text === undefined ? undefined : decode(text)
  }

  /** A job has come to rest, or goes round again. */
  function ended (row: Row): void {
    const { id, state, account, route, rule, runs, status, request_id: requestId, error_code: errorCode } = row
    if (state === 'running') return
    if (state !== 'queued') {
      waiting--
      strangers.end(id)
    }
    emit({
      type: 'deferred',
      outcome: state === 'queued' ? 'again' : state,
      job: id,
      account,
      route,
      rule,
      ...runs === 0
        ? {}
        : {
            run: {
              runs,
              status: status ?? 0,
              twilioRequestId: requestId ?? undefined,
              errorCode: errorCode ?? undefined,
              alreadyGone: row.already_gone === 1
            }
          }
    })
  }

  const board = new JobBoard({ store, commits, openHours, keyIds, clock, cancelled: ended })

  async function stop (): Promise<void> {
    stopped = true
    await runner?.stop()
  }

  return {
    accept,
    jobs: board,
    start: (run) => {
      runner = new Runner(options, { store, commits, keyIds, unseal, openHours, run, clock, ended, warn: failed })
      runner.wake()
    },
    stop,
    close: async () => {
      if (closed) return
      closed = true
      clock.clearTimer(timer)
      await stop()
      commits.close()
      try {
        closeDatabase(db)
      } catch (error) {
        failed(error)
      }
    }
  }
}
