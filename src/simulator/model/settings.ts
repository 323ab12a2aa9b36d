import type { Target } from './target.ts'

/** How an error answer is written. `auto` picks what the product and the path would give. */
export type ErrorFamily = 'auto' | 'classic' | 'camelcase' | 'problem' | 'comms' | 'xml'

export interface Latency {
  /** Half of the requests take less. Milliseconds; 0 answers at once. */
  readonly medianMs: number
  /** One request in a hundred takes longer. At least the median. */
  readonly p99Ms: number
}

export interface LatencyRule extends Target, Latency {}

/** Clients that use the same account and are not under test. Each account has as many. */
export interface OtherClients {
  /** Slots taken for good. */
  readonly slots: number
  /** Clients that send one request after the other, and compete for slots as everybody does. */
  readonly workers: number
  /** Mean wait of a worker after a refusal. */
  readonly retryMs: number
  /** Mean length of a busy spell; with 0 the others are always busy. */
  readonly onMs: number
  /** Mean length of a quiet spell. */
  readonly offMs: number
}

/** What Twilio-Concurrent-Requests says. */
export interface FeedbackHeaders {
  readonly present: boolean
  /** False leaves the header out of 429 answers only. */
  readonly presentOn429: boolean
  /** Whether the count is taken when the request starts or when it ends. */
  readonly takenAt: 'arrival' | 'departure'
  /** Whether the count on a 429 includes the refused request, leaves it out, or is always 1. */
  readonly countOn429: 'with_refused' | 'without_refused' | 'one'
  /** Relative standard deviation of the count: 0.1 is 10 %. */
  readonly noise: number
  /** The count is read off only this often, so it is up to this old. */
  readonly lagMs: number
  /** Sent instead of the count, whatever it is; null sends the count. */
  readonly value: string | null
  /** Twilio-Request-Duration is sent. */
  readonly duration: boolean
}

/** How a refusal for the account's concurrency is written. */
export interface Refusals {
  readonly family: ErrorFamily
  /** Retry-After in seconds; null sends none. */
  readonly retryAfterS: number | null
  /** How long a refusal takes at the server. */
  readonly delayMs: number
}

/** A limit on starts per second, counted per account. */
export interface RouteRate extends Target {
  readonly perSecond: number
  /** Requests that may come at once after a pause. Default: one second's worth, at least 1. */
  readonly burst?: number
  /**
   * A bucket that fills at the rate, the default; or the whole requests of a second, counted by seconds of the server's
   * clock (`fixed`) or in the second that ends now (`sliding`): these have no burst.
   */
  readonly window?: 'bucket' | 'fixed' | 'sliding'
  /** Only requests with a query parameter of this name. */
  readonly parameter?: string
  /** Which answers name the rate in X-Rate-Limit headers. Default: all of TaskRouter and Intelligence, else none. */
  readonly announce?: 'all' | 'admitted' | 'none'
  /** Default 20429. */
  readonly code?: number
  readonly family?: ErrorFamily
  readonly retryAfterS?: number
}

/** Refusals that come at random, such as a product's own rules. */
export interface RandomRefusal extends Target {
  readonly probability: number
  /** Default 20429. */
  readonly code?: number
  readonly family?: ErrorFamily
  readonly retryAfterS?: number
}

export const FAULT_KINDS = [
  'reset_before', 'reset_after', 'hang', 'slow_body', 'truncated_body', 'html_503', 'json_500', 'absurd_headers'
] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

export interface FaultRule extends Target {
  readonly kind: FaultKind
  /** Default 1, or, with `next`, 1 until the count is used up. */
  readonly probability?: number
  /** How many requests it hits before it is spent. Default: no end. */
  readonly next?: number
  /** hang, html_503, json_500: the request is carried out all the same. Default false. */
  readonly processed?: boolean
  /** slow_body: how long the body takes. Default 5000. */
  readonly bodyMs?: number
  /** absurd_headers: the value of Twilio-Concurrent-Requests. Default: drawn from a list. */
  readonly value?: string
}

export interface Media {
  /** Size of every recording. */
  readonly bytes: number
  /** Transfer-Encoding: chunked, no Content-Length. */
  readonly chunked: boolean
  /** How many recordings each account has from the start. */
  readonly recordings: number
}

export interface Settings {
  readonly seed: number
  /** Requests that each account may have at the server at once. */
  readonly limit: number
  /** Accounts with a limit of their own. */
  readonly limits: Readonly<Record<string, number>>
  /** The account that an API key or OAuth client belongs to. A key that is not listed is an account of its own. */
  readonly keys: Readonly<Record<string, string>>
  /** Public keys in PEM, by the SID of their credential (CR…). Where there is any, every request has to be signed. */
  readonly publicKeys: Readonly<Record<string, string>>
  /** How long a finished request is still counted. */
  readonly accountingLagMs: number
  /** On the wire, each way; meanwhile a request does not count. */
  readonly wireDelayMs: number
  /** Mean of a random delay on top, each way. */
  readonly wireJitterMs: number
  readonly latency: Latency
  /** The first that fits decides. */
  readonly latencyByRoute: readonly LatencyRule[]
  /** Multiplies every latency. */
  readonly slowFactor: number
  readonly otherClients: OtherClients
  readonly headers: FeedbackHeaders
  readonly refusals: Refusals
  readonly routeRates: readonly RouteRate[]
  readonly random429: readonly RandomRefusal[]
  readonly faults: readonly FaultRule[]
  readonly media: Media
  /** Most resources in memory, all accounts together; beyond, the oldest are forgotten. */
  readonly maxResources: number
}

export const defaultSettings: Settings = {
  seed: 1,
  limit: 100,
  limits: {},
  keys: {},
  publicKeys: {},
  accountingLagMs: 0,
  wireDelayMs: 20,
  wireJitterMs: 0,
  latency: { medianMs: 110, p99Ms: 1000 },
  latencyByRoute: [],
  slowFactor: 1,
  otherClients: { slots: 0, workers: 0, retryMs: 50, onMs: 0, offMs: 0 },
  headers: {
    present: true,
    presentOn429: true,
    takenAt: 'arrival',
    countOn429: 'with_refused',
    noise: 0,
    lagMs: 0,
    value: null,
    duration: true
  },
  refusals: { family: 'auto', retryAfterS: null, delayMs: 2 },
  routeRates: [{ product: 'taskrouter', route: '/v1/Workspaces/{}/Tasks', perSecond: 50 }],
  random429: [],
  faults: [],
  media: { bytes: 100_000, chunked: false, recordings: 3 },
  maxResources: 50_000
}
