/**
 * What is counted of a plan: every request twice, as it was then and as it is in the plan, by class, caller, product
 * and so on.
 */
import type { TrafficClass } from '../../twilio/types.ts'
import { Distribution } from './distribution.ts'
import { recordedOutcome, type Outcome } from './replay/outcome.ts'
import type { Recorded } from './recording/recorded.ts'

/** One side of a comparison. */
export class Side {
  requests = 0
  /** Attempts at Twilio. */
  calls = 0
  /** Those that Twilio throttled (429). */
  throttled = 0
  /** Requests answered without a call of their own. */
  saved = 0
  /** Clients that had left before their answer came. */
  left = 0
  waitedMs = 0
  /** Of requests that were not refused. */
  readonly waits = new Distribution()
  readonly refusals = new Map<string, number>()

  get refused (): number { return [...this.refusals.values()].reduce((sum, count) => sum + count, 0) }

  add ({ waitMs, attempts, throttled, status, refusal, isSaved }: Outcome): void {
    this.requests++
    this.calls += attempts
    this.throttled += throttled
    this.waitedMs += waitMs
    if (isSaved) this.saved++
    if (status === 0) this.left++
    if (refusal === undefined) this.waits.add(waitMs)
    else this.refusals.set(refusal, (this.refusals.get(refusal) ?? 0) + 1)
  }
}

export interface Pair { readonly then: Side, readonly plan: Side }

/** What one pacing rule did in the plan. */
export interface Held {
  /** Times that it was asked for permission. */
  asked: number
  /** Waits for its permission, of those that it did not give at once. */
  readonly waits: Distribution
}

export const DIMENSIONS = ['class', 'product', 'caller', 'route', 'account'] as const
export type Dimension = (typeof DIMENSIONS)[number]

/** Names remembered of each kind, because callers that are addresses may be many. Later names count together. */
const NAMES_MOST = 1_000
const OTHER = 'other'

export class Figures {
  readonly all: Pair = pair()
  readonly #groups = new Map<Dimension, Map<string, Pair>>(DIMENSIONS.map((dimension) => [dimension, new Map()]))
  /** Requests that the rules of the settings give another class than they had, by both. */
  readonly moved = new Map<string, number>()
  /** By the names of pacing rules. */
  readonly rules = new Map<string, Held>()

  add (recorded: Recorded, name: TrafficClass, outcome: Outcome): void {
    const before = recordedOutcome(recorded)
    this.all.then.add(before)
    this.all.plan.add(outcome)
    for (const dimension of DIMENSIONS) {
      const group = this.#group(dimension, recorded[dimension])
      group.then.add(before)
      const now = dimension === 'class' && name !== recorded.class ? this.#group(dimension, name) : group
      now.plan.add(outcome)
    }
    if (name === recorded.class) return
    const move = `${recorded.class} → ${name}`
    this.moved.set(move, (this.moved.get(move) ?? 0) + 1)
  }

  paced (rule: string, waitMs: number): void {
    let held = this.rules.get(rule)
    if (held === undefined) this.rules.set(rule, held = { asked: 0, waits: new Distribution() })
    held.asked++
    if (waitMs > 0) held.waits.add(waitMs)
  }

  groups (
    dimension: Dimension
  ): ReadonlyMap<string, Pair> { return this.#groups.get(dimension) ?? new Map<string, Pair>() }

  #group (dimension: Dimension, name: string): Pair {
    const groups = this.#groups.get(dimension)
    if (groups === undefined) throw new Error('a dimension that is none')
    const known = groups.get(name) ?? (groups.size >= NAMES_MOST ? groups.get(OTHER) : undefined)
    if (known !== undefined) return known
    const made = pair()
    groups.set(groups.size >= NAMES_MOST ? OTHER : name, made)
    return made
  }
}

function pair (): Pair { return { then: new Side(), plan: new Side() } }
