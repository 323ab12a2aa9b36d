/** How long Twilio and the wire took for what was recorded, milliseconds. */
import type { Product } from '../../../twilio/types.ts'
import { Distribution } from '../distribution.ts'
import type { Recorded } from './recorded.ts'

export interface ServiceTime {
  /** There and back. 0 where Twilio never said what it took itself: then all of it counts as its own. */
  readonly wireMs: number
  readonly twilioMs: number
}

/** Where nothing at all is known: about what a message takes. */
const UNKNOWN_MS = 150
/** The time that Twilio itself needs to throttle a request. */
const REFUSING_MS = 2

export class ServiceTimes {
  /** At Twilio by route, and on the wire by product. */
  readonly #routes = new Map<string, Distribution>()
  readonly #wires = new Map<string, Distribution>()
  readonly #fastest = new Map<string, number>()
  readonly #all = new Distribution()
  readonly #medians = new Map<Distribution, number>()

  /** Learns from a request that went to Twilio once. */
  learn ({ product, route, attempts, throttled, status, upstreamMs, twilioMs }: Recorded): void {
    if (attempts !== 1 || throttled > 0 || status === 0 || upstreamMs <= 0) return
    of(this.#routes, route).add(twilioMs ?? upstreamMs)
    this.#all.add(twilioMs ?? upstreamMs)
    if (twilioMs !== undefined) of(this.#wires, product).add(upstreamMs - twilioMs)
    this.#fastest.set(product, Math.min(this.#fastest.get(product) ?? Infinity, upstreamMs))
  }

  /** Time of a 429. It takes as long as the fastest answer if nothing is known of the wire. */
  refusal (product: Product): ServiceTime {
    const wire = this.#wires.get(product)
    if (wire === undefined) return { wireMs: 0, twilioMs: this.#fastest.get(product) ?? REFUSING_MS }
    return { wireMs: this.#median(wire), twilioMs: REFUSING_MS }
  }

  /**
   * Time of an attempt that is not throttled. If several went out, it is their share of the time recorded, 429s left
   * out. If none did, or one was cut short, it is what its route usually takes.
   */
  of ({ product, route, attempts, throttled, status, upstreamMs, twilioMs, errorCode }: Recorded): ServiceTime {
    const served = attempts - throttled
    const usual = this.#routes.get(route) ?? this.#all
    const usualMs = usual.size === 0 ? UNKNOWN_MS : this.#median(usual)
    const refusal = this.refusal(product)
    if (served <= 0) return { wireMs: refusal.wireMs, twilioMs: usualMs }
    const wireMs = twilioMs === undefined ? 0 : (upstreamMs - twilioMs) / attempts
    const allMs = Math.max(0, (twilioMs ?? upstreamMs) - throttled * refusal.twilioMs)
    const isCut = status === 0 || errorCode === 'ABANDONED'
    return { wireMs, twilioMs: isCut ? Math.max(allMs / served, usualMs) : allMs / served }
  }

  /** Call it after everything has been learnt. */
  #median (times: Distribution): number {
    let median = this.#medians.get(times)
    if (median === undefined) this.#medians.set(times, median = times.percentile(0.5))
    return median
  }
}

function of (distributions: Map<string, Distribution>, name: string): Distribution {
  let known = distributions.get(name)
  if (known === undefined) distributions.set(name, known = new Distribution())
  return known
}
