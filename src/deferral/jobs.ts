/** The jobs as the admin server shows them. */
import type { Clock } from '../proxy/ports/clock.ts'
import type { JobCounts, JobQuery, Jobs, JobView, WaitsFor } from '../proxy/ports/deferral.ts'
import type { OpenHours } from '../proxy/ports/open-hours.ts'
import type { Commits } from './commits.ts'
import type { Row, Store } from './store.ts'

export interface JobBoardOptions {
  readonly store: Store
  readonly commits: Commits
  readonly openHours: ReadonlyMap<string, OpenHours>
  /** Ids of the keys that are here. */
  readonly keyIds: readonly string[]
  readonly clock: Clock
  readonly cancelled: (row: Row) => void
}

export class JobBoard implements Jobs {
  readonly #of: JobBoardOptions

  constructor (options: JobBoardOptions) {
    this.#of = options
  }

  list ({ after, ...query }: JobQuery): { jobs: JobView[], more: boolean } | undefined {
    const afterSeq = after === undefined ? 0 : this.#of.store.get(after)?.seq
    if (afterSeq === undefined) return undefined
    const rows = this.#of.store.list(query, afterSeq)
    return { jobs: rows.slice(0, query.limit).map((row) => this.#view(row)), more: rows.length > query.limit }
  }

  get (id: string): JobView | undefined {
    const row = this.#of.store.get(id)
    return row && this.#view(row)
  }

  async cancel (id: string): Promise<{ job: JobView, cancelled: boolean } | undefined> {
    const { store, commits, clock } = this.#of
    const cancelled = await commits.add(() => store.cancel(id, clock.epochMs()), true)
    const row = store.get(id)
    if (row === undefined) return undefined
    if (cancelled) this.#of.cancelled(row)
    return { job: this.#view(row), cancelled }
  }

  counts (): JobCounts { return this.#of.store.counts() }

  #view (row: Row): JobView {
    return {
      id: row.id,
      state: row.state,
      waitsFor: row.state === 'queued' ? this.#waitsFor(row) : null,
      rule: row.rule,
      route: row.route,
      account: row.account,
      runs: row.runs,
      createdAt: iso(row.created_ms),
      startedAt: row.started_ms === null ? null : iso(row.started_ms),
      finishedAt: row.finished_ms === null ? null : iso(row.finished_ms),
      result: row.status === null || row.status === 0
        ? null
        : {
            status: row.status,
            twilioRequestId: row.request_id,
            errorCode: row.error_code,
            alreadyGone: row.already_gone === 1
          }
    }
  }

  #waitsFor ({ rule, key_id: keyId, not_before_ms: notBeforeMs }: Row): WaitsFor {
    const nowMs = this.#of.clock.epochMs()
    const openHours = this.#of.openHours.get(rule)
    if (openHours === undefined) return 'rule'
    if (!this.#of.keyIds.includes(keyId)) return 'key'
    if (openHours.opensInMs(nowMs) > 0) return 'open_hours'
    return notBeforeMs > nowMs ? 'pause' : 'turn'
  }
}

const iso = (epochMs: number): string => new Date(epochMs).toISOString()
