/** Deletes that are stored until their rule opens: what the line and the admin server need of them. */
import type { Exchange } from '../exchange-state.ts'
import type { Answer } from '../reply/answers.ts'

/** What the line hands over. */
export interface Deferral {
  /**
   * Stores a delete that may be deferred (see mayDefer), and answers 202 once it is stored, or says what is not set up.
   * Throws a ShedError when there is no room.
   */
  readonly accept: (exchange: Exchange, rule: string) => Promise<Answer>
}

export const JOB_STATES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const
export type JobState = (typeof JOB_STATES)[number]

/** Why a queued job does not run now. */
export type WaitsFor =
  | 'open_hours' // its rule is closed
  | 'turn' // others go before it
  | 'pause' // it was tried, and is to be tried again later
  | 'key' // it was encrypted with a key that is not here
  | 'rule' // its rule is no longer in the settings, or has no open hours

/** A job as people see it: nothing of its request but the route. */
export interface JobView {
  readonly id: string
  readonly state: JobState
  readonly waitsFor: WaitsFor | null
  readonly rule: string
  readonly route: string
  /** The account's label. */
  readonly account: string
  /** Runs in which Twilio was asked, and those that a crash cut off. */
  readonly runs: number
  /** Moments in ISO 8601. */
  readonly createdAt: string
  readonly startedAt: string | null
  readonly finishedAt: string | null
  readonly result: JobResult | null
}

/** What the last run came to. */
export interface JobResult {
  /** As the proxy would have answered; a 429, 502 or 504 may be its own. */
  readonly status: number
  readonly twilioRequestId: string | null
  /** Twilio's, or the proxy's in Twilio's catalogue. */
  readonly errorCode: number | null
  /** Twilio no longer knew it: an earlier run, cut short, had deleted it. */
  readonly alreadyGone: boolean
}

export type JobCounts = Readonly<Record<JobState, number>>

export interface JobQuery {
  readonly state?: JobState
  readonly rule?: string
  readonly limit: number
  /** Id of the last job of the page before. */
  readonly after?: string
}

/** What the admin server may do with them. */
export interface Jobs {
  /** In the order of their coming; undefined when `after` is no job's id. */
  readonly list: (query: JobQuery) => { readonly jobs: readonly JobView[], readonly more: boolean } | undefined
  readonly get: (id: string) => JobView | undefined
  /** The job as it is then: cancelled, or else not to be cancelled; undefined when there is none. */
  readonly cancel: (id: string) => Promise<{ readonly job: JobView, readonly cancelled: boolean } | undefined>
  readonly counts: () => JobCounts
}
