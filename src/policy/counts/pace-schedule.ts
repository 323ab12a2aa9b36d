/**
 * When the next request that a pacing rule is for may start.
 *
 * The generic cell rate algorithm holds a rate (ITU-T I.371): the theoretical arrival time TAT moves on by
 * T = 1 / rate at each start, and a start may come as early as TAT − τ, where τ = (burst − rate) · T is the burst
 * beyond the steady rate. While requests wait, T is added to TAT and not to the moment of the start, so that timers
 * which fire late do not slow the rate down. Whatever happens, no more than `burst` start in any second.
 */
import { StartWindow, type Place } from '../limit/start-window.ts'

/** So much at a rate … */
export interface Rate {
  /** Starts per second in the long run; above 0. */
  readonly perSecond: number
  /** Most starts in any second; at least `perSecond`, and by default just that: then starts are spread evenly. */
  readonly burst?: number
}

/** … or so many in any interval, as fast as they come. */
export interface Reservoir {
  readonly starts: number
  readonly intervalMs: number
}

/** What requests need from here to Twilio differs by a little: a second here is a little longer than a second there. */
const SECOND_MS = 1_010
/**
 * The rate is lower than asked for by this part. Twilio's second then still has no more than the burst when one request
 * takes some milliseconds longer than another. Also, the burst's own second then does not hold the rate back when a
 * timer fires late. A request that waits for that second would be late once more, and that adds up.
 */
const SLACK = 1.015
/** Starts that come late by more than this are not made up for. */
const CATCH_UP_MOST_MS = 250

export class PaceSchedule {
  readonly #rule: Rate | Reservoir
  /** T and τ of the algorithm; 0 for a reservoir. */
  readonly #gapMs: number
  readonly #toleranceMs: number
  /** Permissions to start, as they are given. */
  readonly #given: StartWindow
  /** Starts, as they happen: after permission a request may still wait for a place. */
  readonly #started: StartWindow
  #tatMs = -Infinity

  constructor (rule: Rate | Reservoir) {
    this.#rule = rule
    if ('perSecond' in rule) {
      const burst = Math.max(Math.ceil(rule.perSecond), rule.burst ?? 0)
      this.#gapMs = SLACK * 1000 / rule.perSecond
      this.#toleranceMs = (burst - Math.ceil(rule.perSecond)) * this.#gapMs
      this.#given = new StartWindow(burst, SECOND_MS)
      this.#started = new StartWindow(burst, SECOND_MS)
    } else {
      this.#gapMs = this.#toleranceMs = 0
      // A reservoir of a short interval feels the difference of the ways, one of a day does not.
      this.#given = new StartWindow(rule.starts, rule.intervalMs + SECOND_MS - 1000)
      this.#started = new StartWindow(rule.starts, rule.intervalMs + SECOND_MS - 1000)
    }
  }

  /** When the next may be given permission. */
  readyAtMs (nowMs: number): number {
    return Math.max(this.#given.readyAtMs(nowMs), this.#tatMs - this.#toleranceMs)
  }

  /** Permission is given. `waiting`: to one who waited for it. */
  give (nowMs: number, waiting: boolean): void {
    const late = nowMs - (this.#tatMs - this.#toleranceMs)
    this.#tatMs = (waiting && late <= CATCH_UP_MOST_MS ? this.#tatMs : Math.max(this.#tatMs, nowMs)) + this.#gapMs
    this.#given.start(nowMs)
  }

  /** When one that has permission may start, others having started late. */
  mayStartAtMs (nowMs: number): number { return this.#started.readyAtMs(nowMs) }

  start (nowMs: number): Place { return this.#started.start(nowMs) }

  /** It went out only now: a new connection takes as long as it takes. */
  sent (start: Place, nowMs: number): void { this.#started.moved(start, nowMs) }

  /** How long one waits whom so many are ahead of, milliseconds. A reservoir lets them through in lots. */
  waitMs (ahead: number, nowMs: number): number {
    const firstMs = Math.max(0, this.readyAtMs(nowMs) - nowMs)
    return firstMs +
      ('perSecond' in this.#rule ? ahead * this.#gapMs : Math.floor(ahead / this.#rule.starts) * this.#rule.intervalMs)
  }
}
