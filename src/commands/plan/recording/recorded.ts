/** One exchange, as a line of our log describes it. */
import type { Product, TrafficClass } from '../../../twilio/types.ts'
import { TRAFFIC_CLASSES } from '../../../twilio/types.ts'

export interface Recorded {
  /** When the request arrived, milliseconds since 1970. */
  readonly arrivalMs: number
  readonly totalMs: number
  /** As the log names it: a SID, an alias, a hash. */
  readonly account: string
  readonly product: Product
  /** Method, product and template. */
  readonly route: string
  readonly class: TrafficClass
  readonly caller: string
  readonly method: string
  /** 0 when the client had left. */
  readonly status: number
  readonly attempts: number
  /** Attempts that Twilio throttled (429). In lines without that figure: those that another attempt followed. */
  readonly throttled: number
  readonly queueMs: number
  /** Waiting for the pace of rules. */
  readonly paceMs: number
  readonly backoffMs: number
  readonly upstreamMs: number
  /** Of that, at Twilio by its own account; undefined where it said nothing. */
  readonly twilioMs: number | undefined
  readonly reason: string
  readonly errorCode: string | undefined
  /** Undefined for what is no GET, and in lines that do not say it. */
  readonly resource: string | undefined
  /** Undefined in lines that do not say it. */
  readonly allowedMs: number | undefined
  /** A line of a version whose log had no 429s and no time allowed. */
  readonly isOld: boolean
}

/**
 * `other`: a sound line that is not an exchange. `broken`: not JSON, cut off, or an exchange without its required
 * fields.
 */
export type Read = Recorded | 'other' | 'broken'

const CLASSES: ReadonlySet<unknown> = new Set(TRAFFIC_CLASSES)
/** Products and classes come again in every line. One text for all of them makes a buffer of lines smaller. */
const TEXTS_MOST = 10_000

export class LineReader {
  readonly #texts = new Map<string, string>()

  read (line: string): Read {
    const begin = line.indexOf('{')
    // Compose, Kubernetes and journals put names and times before a line.
    const json = begin > 0 ? line.slice(begin) : line
    if (begin < 0 || !/\}\s*$/.test(line.slice(-8))) return 'broken'
    if (!json.includes('"msg":"exchange"')) return isJson(json) ? 'other' : 'broken'
    let fields: unknown
    try {
      fields = JSON.parse(json)
    } catch {
      return 'broken'
    }
    return this.#recorded(fields as Readonly<Record<string, unknown>>)
  }

  #recorded (fields: Readonly<Record<string, unknown>>): Read {
    const {
      time,
      account,
      product,
      route,
      class: name,
      caller = 'unknown',
      method,
      status,
      attempts,
      throttled,
      queueMs,
      paceMs,
      backoffMs,
      upstreamMs,
      twilioMs,
      totalMs,
      reason,
      errorCode,
      resource,
      allowedMs
    } = fields
    const endMs = typeof time === 'string' ? Date.parse(time) : typeof time === 'number' ? time : NaN
    if (!isAmount(endMs) ||
      !isAmount(status) ||
      !isAmount(attempts) ||
      !isAmount(queueMs) ||
      !isAmount(backoffMs) ||
      !isAmount(upstreamMs) ||
      !isAmount(totalMs)) return 'broken'
    if (typeof account !== 'string' ||
      typeof product !== 'string' ||
      typeof route !== 'string' ||
      typeof method !== 'string' ||
      typeof reason !== 'string' ||
      typeof caller !== 'string' ||
      !isClass(name)) return 'broken'
    return {
      arrivalMs: endMs - totalMs,
      totalMs,
      account: this.#once(account),
      product: this.#once(product),
      route: this.#once(route),
      class: name,
      caller: this.#once(caller),
      method: this.#once(method),
      status,
      attempts,
      throttled: isAmount(throttled)
        ? throttled
        : Math.max(0, attempts - (status === 429 && reason !== 'deadline' ? 0 : 1)),
      queueMs,
      paceMs: isAmount(paceMs) ? paceMs : 0,
      backoffMs,
      upstreamMs,
      twilioMs: isAmount(twilioMs) ? Math.min(twilioMs, upstreamMs) : undefined,
      reason: this.#once(reason),
      errorCode: typeof errorCode === 'string' ? this.#once(errorCode) : undefined,
      resource: typeof resource === 'string' ? resource : undefined,
      allowedMs: isAmount(allowedMs) ? allowedMs : undefined,
      isOld: !isAmount(throttled)
    }
  }

  #once (text: string): string {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    if (this.#texts.size >= TEXTS_MOST) this.#texts.clear()
    this.#texts.set(text, text)
    return text
  }
}

/** When the log wrote the line. */
export const endOf = ({ arrivalMs, totalMs }: Recorded): number => arrivalMs + totalMs

const isAmount = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0

const isClass = (value: unknown): value is TrafficClass => CLASSES.has(value)

function isJson (text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
