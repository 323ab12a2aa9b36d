/** The jobs in their file. Every change is one statement; all but the looks are to be run in a commit. */
import type { JobCounts, JobQuery, JobState } from '../proxy/ports/deferral.ts'
import { JOB_STATES } from '../proxy/ports/deferral.ts'
import type { Database } from './database.ts'
import type { Verdict } from './verdict.ts'

/** A row of the file. */
export interface Row {
  readonly seq: number
  readonly id: string
  readonly state: JobState
  readonly rule: string
  readonly route: string
  readonly account: string
  readonly key_id: string
  /** Null once it is finished: a credential is stored no longer than needed. */
  readonly sealed: Buffer | ArrayBuffer | null
  readonly created_ms: number
  readonly not_before_ms: number
  readonly started_ms: number | null
  readonly finished_ms: number | null
  readonly runs: number
  readonly failures: number
  readonly sent: number
  readonly status: number | null
  readonly request_id: string | null
  readonly error_code: number | null
  readonly already_gone: number
}

export type NewJob = Pick<Row, 'id'
  | 'rule'
  | 'route'
  | 'account'
  | 'key_id'
  | 'created_ms'> & { readonly sealed: Buffer }

/** How the last run ended, as far as it is stored. */
interface Ended {
  /** 0 when it could not be sent. */
  readonly status: number
  readonly requestId?: string | null | undefined
  readonly errorCode?: number | null | undefined
}

export class Store {
  readonly #statements
  /** Undefined since the last change: many thousands of jobs are not counted anew for each scrape. */
  #counts: JobCounts | undefined

  constructor (db: Database.Database) {
    const isListed = '(@state is null or state = @state) and (@rule is null or rule = @rule) and seq > @after'
    this.#statements = {
      insert: db.prepare(`insert into jobs (id, state, rule, route, account, key_id, sealed, created_ms, not_before_ms)
        values (@id, 'queued', @rule, @route, @account, @key_id, @sealed, @created_ms, 0)`),
      recover: db.prepare("update jobs set state = 'queued', sent = 1 where state = 'running'"),
      claim: db.prepare(`update jobs set state = 'running', started_ms = @now, runs = runs + 1 where seq in (
        select seq from jobs where state = 'queued' and not_before_ms <= @now
          and rule in (select value from json_each(@rules)) and key_id in (select value from json_each(@keys))
        order by seq limit @limit) returning *`),
      requeue: db.prepare(`update jobs set state = 'queued', not_before_ms = @until, sent = @sent, failures = @failures, runs = runs - @notRun,
        status = iif(@told, @status, status), request_id = iif(@told, @requestId, request_id), error_code = iif(@told, @errorCode, error_code)
        where seq = @seq`),
      release: db.prepare("update jobs set state = 'queued', runs = runs - 1 where seq = ?"),
      bringForward: db.prepare(
        "update jobs set not_before_ms = max(0, not_before_ms - ?) where state = 'queued' and not_before_ms > 0"
      ),
      finish: db.prepare(`update jobs set state = @state, finished_ms = @now, sealed = null, already_gone = @gone,
        status = @status, request_id = @requestId, error_code = @errorCode where seq = @seq`),
      cancel: db.prepare(
        "update jobs set state = 'cancelled', finished_ms = @now, sealed = null where id = @id and state = 'queued'"
      ),
      expire: db.prepare('delete from jobs where finished_ms < ?'),
      trim: db.prepare(`delete from jobs where finished_ms is not null and seq not in (
        select seq from jobs where finished_ms is not null order by finished_ms desc, seq desc limit ?)`),
      get: db.prepare('select * from jobs where id = ?'),
      list: db.prepare(`select * from jobs where ${isListed} order by seq limit @limit`),
      counts: db.prepare('select state, count(*) as number from jobs group by state'),
      waiting: db.prepare(
        "select rule, min(not_before_ms) as not_before_ms from jobs where state = 'queued' and key_id in (select value from json_each(?)) group by rule"
      ),
      foreign: db.prepare(
        'select count(*) as number from jobs where state = \'queued\' and key_id not in (select value from json_each(?))'
      ),
      rules: db.prepare("select rule, count(*) as number from jobs where state = 'queued' group by rule")
    }
  }

  insert (job: NewJob): void {
    this.#counts = undefined
    this.#statements.insert.run(job)
  }

  /** Jobs that ran when the process ended: nobody knows whether Twilio got them. */
  recover (): number { return this.#statements.recover.run().changes }

  /** Marks as running the first of those that may run now. */
  claim (rules: readonly string[], keys: readonly string[], limit: number, now: number): Row[] {
    this.#counts = undefined
    const rows = this.#statements.claim.all(
      { rules: JSON.stringify(rules), keys: JSON.stringify(keys), limit, now }
    ) as Row[]
    return rows.sort((a, b) => a.seq - b.seq)
  }

  /** What became of a run. */
  settle ({ seq }: Row, verdict: Verdict, { status, requestId = null, errorCode = null }: Ended, now: number): void {
    this.#counts = undefined
    const end = { seq, status, requestId, errorCode }
    if (verdict.state === 'queued') {
      const { pauseMs, sent, failures, ran, told } = verdict
      this.#statements.requeue.run({
        ...end,
        until: now + Math.round(pauseMs),
        sent: Number(sent),
        failures,
        notRun: Number(!ran),
        told: Number(told)
      })
    } else {
      this.#statements.finish.run(
        { ...end, state: verdict.state, now, gone: Number(verdict.state === 'done' && verdict.alreadyGone) }
      )
    }
  }

  /** Back to the queue as though it had not been taken. */
  release ({ seq }: Row): void {
    this.#counts = undefined
    this.#statements.release.run(seq)
  }

  /** Queued jobs that pause do so until so much earlier. */
  bringForward (ms: number): void { this.#statements.bringForward.run(ms) }

  /** False when it is not queued. */
  cancel (id: string, now: number): boolean {
    this.#counts = undefined
    return this.#statements.cancel.run({ id, now }).changes > 0
  }

  /** Forgets what finished before a moment, and the oldest of more than so many. */
  forget (beforeMs: number, most: number): void {
    this.#counts = undefined
    this.#statements.expire.run(beforeMs)
    this.#statements.trim.run(most)
  }

  get (id: string): Row | undefined { return this.#statements.get.get(id) as Row | undefined }

  /** One more than `limit`, if there are more. */
  list ({
    state = null,
    rule = null,
    limit
  }: Omit<JobQuery, 'state' | 'rule'> & { state?: JobState | null, rule?: string | null }, afterSeq: number): Row[] {
    return this.#statements.list.all({ state, rule, after: afterSeq, limit: limit + 1 }) as Row[]
  }

  counts (): JobCounts {
    if (this.#counts === undefined) {
      const rows = this.#statements.counts.all() as ReadonlyArray<{ readonly state: JobState, readonly number: number }>
      const found = new Map(rows.map(({ state, number }) => [state, number]))
      this.#counts = Object.fromEntries(
        JOB_STATES.map((state) => [state, found.get(state) ?? 0])
      ) as Record<JobState, number>
    }
    return this.#counts
  }

  /** By rule, the moment from which the first of its queued jobs may run. */
  waiting (keys: readonly string[]): ReadonlyArray<{ readonly rule: string, readonly not_before_ms: number }> {
    return this.#statements.waiting.all(JSON.stringify(keys)) as Array<{ rule: string, not_before_ms: number }>
  }

  /** Queued jobs that none of the keys opens. */
  foreign (
    keys: readonly string[]
  ): number { return (this.#statements.foreign.get(JSON.stringify(keys)) as { number: number }).number }

  rules (): ReadonlyArray<{ readonly rule: string, readonly number: number }> {
    return this.#statements.rules.all() as Array<{ rule: string, number: number }>
  }
}
