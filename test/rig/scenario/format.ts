/** What a scenario file of the control loop says: an account, proxies before it, load, and what is to come of it. */
import type { Scenario as Account } from '../../../src/simulator/model/scenario.ts'
import type { TrafficClass } from '../../../src/twilio/types.ts'
import type { RequestName } from './requests.ts'

/** A stream of requests. Exactly one of `workers`, `perSecond`, `ofCapacity` and `burst` says how it arrives. */
export interface Stream {
  /** Closed loop: so many clients, shared out among the proxies, each with one request at a time. */
  readonly workers?: number
  /** Open loop: Poisson arrivals, whatever becomes of those before. */
  readonly perSecond?: number
  /** The same, as a part of what a fixed limit at the ceiling gets through. */
  readonly ofCapacity?: number
  /** So many requests, spread evenly over `burstMs`. */
  readonly burst?: number
  /** Default 1000. */
  readonly burstMs?: number
  /** When it begins and ends, seconds from the start of the load. Default: 0 and `lengthS`. */
  readonly fromS?: number
  readonly toS?: number
  /** Default `message`. */
  readonly request?: RequestName
  /** Sent as Governor-Class; default: none, the proxy judges. */
  readonly class?: TrafficClass
  /** Sent as Governor-Timeout-Ms; default: none, the proxy's own. */
  readonly deadlineMs?: number
  /** Which of several accounts it belongs to, from 1. Default 1. */
  readonly account?: number
  /** Bytes of padding in each body. Default 0. */
  readonly paddingBytes?: number
  /** Left out of a reference run `alone`. Default false. */
  readonly extra?: boolean
}

export interface Window {
  readonly fromS: number
  readonly toS: number
}

export interface Proxies {
  /** Separate processes that share the account and nothing else. */
  readonly count: number
  /** Each starts so long after the one before. */
  readonly everyS: number
  /** Settings as in the proxy's own configuration file. */
  readonly config: Readonly<Record<string, unknown>>
}

export const QUANTITIES = {
  goodput: 'good answers per second',
  throttledPer100: 'refusals by the simulated Twilio per 100 good answers',
  throttled: 'refusals by the simulated Twilio',
  attemptsPerSecond: 'requests that reached the simulated Twilio, per second',
  p50Ms: 'median time from request to whole answer, of good answers, milliseconds',
  p95Ms: 'the same, 95th percentile',
  p99Ms: 'the same, 99th percentile',
  settleS: 'seconds from the window\'s start to the middle of the first half second with 95 % of the target and at most 5 refusals per 100',
  quietS: 'seconds from the window\'s start to the middle of the first half second with at most 5 refusals per 100',
  drainS: 'seconds from the window\'s start until 99 of 100 good answers are there: how long the last ones take is luck',
  jain: 'Jain\'s index of fairness among the proxies, by good answers',
  newcomer: 'good answers of the last proxy as a part of an equal share',
  failures: 'requests that got no good answer',
  seen429: 'answers 429 that a client saw',
  lost: 'good answers to creates that were never carried out',
  doubled: 'creates carried out more than once',
  limitLeast: 'the smallest limit that a proxy showed',
  limitMost: 'the largest limit that a proxy showed',
  stuck: 'slots still taken when all requests have ended'
} as const
export type Quantity = keyof typeof QUANTITIES

/**
 * Whose result a quantity is divided by: `fixed`, the same proxies told the true ceiling (and each change of it);
 * `unlimited`, the same without a limit; `alone`, the same proxies without the streams marked `extra`; `ideal`,
 * the ceiling ÷ the mean time at Twilio, an upper bound that no wire takes anything from. For `settleS` it is the
 * source of the target.
 */
export const REFERENCES = ['fixed', 'unlimited', 'alone', 'ideal'] as const
export type Reference = (typeof REFERENCES)[number]

/** A range that a run must be in. The median of several runs has to meet it, and each of them `worst`. */
export interface Expectation {
  readonly what: Quantity
  /** Name of a window; default: the whole run. */
  readonly in?: string
  /** Name of a stream; default: all. */
  readonly stream?: string
  readonly of?: Reference
  readonly least?: number
  readonly most?: number
  /** What no single run may miss, on the side of the bound. Default: no bound but that of the median. */
  readonly worst?: number
}

export interface Scenario {
  readonly name: string
  /** One sentence for people. */
  readonly about: string
  readonly simulator: Account
  readonly proxies: Proxies
  readonly load: Readonly<Record<string, Stream>>
  readonly lengthS: number
  readonly windows: Readonly<Record<string, Window>>
  /** Slots of a proxy pinned to the ceiling, when limit ÷ proxies is not what it should be told. */
  readonly pinned?: number
  readonly expect: readonly Expectation[]
  /** The stream whose goodput and latency the tables show; default: all together. */
  readonly shows?: string
  /** The run that the tables compare with; default `fixed`. */
  readonly yardstick: Exclude<Reference, 'ideal'>
  /** Belongs to the comparison with other programs and algorithms. */
  readonly compare: boolean
}
