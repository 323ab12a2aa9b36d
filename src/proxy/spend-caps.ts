/** Caps on sends: which of them a request falls under, whether there is room, and what it takes of it. */
import { createHmac, randomBytes } from 'node:crypto'
import { SpendGuard, type SpendLimit } from '../policy/spend-guard.ts'
import { callingCode, destinationOf, longestPrefix, maySend } from '../twilio/destination.ts'
import { RuleBook, type Match } from '../twilio/match.ts'
import { fieldsOf } from './body-fields.ts'
import { Charge } from './charge.ts'
import type { Clock } from './clock.ts'
import { GuardError } from './errors.ts'
import type { Listener } from './events.ts'
import type { CapPart, CapState } from './state.ts'
import type { Exchange } from './exchange-state.ts'

export interface Cap extends SpendLimit {
  /** Left out: every send. */
  readonly match?: Match
  /** Beginnings of the destinations meant, the longest of a cap counts; left out: all of them. `*`: whatever else there is. */
  readonly prefixes?: readonly string[]
  /** Beginnings of destinations that are not meant, unless a longer one of `prefixes` says so. */
  readonly except?: readonly string[]
  /** Each of these has a count of its own; left out: one count. */
  readonly per?: readonly CapPart[]
  /** `count` only tells of sends above the most. */
  readonly mode?: 'refuse' | 'count'
}

interface Rule {
  readonly name: string
  readonly match: Match
  readonly cap: Cap
  readonly counts: SpendGuard
  /** When it was last told of, so that an attack does not fill the log. */
  toldAtMs: number
}

/** One send under one rule. */
interface Place { readonly rule: Rule, readonly key: string, readonly prefix: string | undefined }

/** A line of the log in so long, for each cap, milliseconds. */
const TELL_EVERY_MS = 60_000
/** Counts of a cap that are shown. */
const FULLEST_MOST = 5
const SEPARATOR = '\n'

export class SpendCaps {
  readonly #rules: readonly Rule[]
  readonly #book: RuleBook<Rule>
  readonly #clock: Clock
  readonly #emit: Listener
  /** Of this process alone: destinations are not kept in clear. */
  readonly #secret = randomBytes(32)

  constructor (caps: Readonly<Record<string, Cap>>, clock: Clock, emit: Listener) {
    this.#rules = Object.entries(caps).map(([name, cap]) => ({ name, match: cap.match ?? {}, cap, counts: new SpendGuard(cap), toldAtMs: -Infinity }))
    this.#book = new RuleBook(this.#rules)
    this.#clock = clock
    this.#emit = emit
  }

  /**
   * Counts a send under all its caps, and returns what gives it back; undefined for what falls under none. Throws a
   * GuardError, and counts nowhere, when one of them has no room.
   */
  charge (exchange: Exchange): Charge | undefined {
    const { method, route } = exchange.identity
    if (this.#rules.length === 0 || !maySend(method, route)) return undefined
    const places = this.#placesOf(exchange)
    if (places.length === 0) return undefined
    const nowMs = this.#clock.nowMs()
    for (const place of places) this.#judge(place, exchange, nowMs)
    return new Charge(places.map(({ rule: { counts }, key }) => ({ counts, key, grain: counts.count(key, nowMs) })))
  }

  states (): readonly CapState[] {
    const nowMs = this.#clock.nowMs()
    return this.#rules.map(({ name, cap: { max, intervalMs, mode = 'refuse', per = [] }, counts }) => {
      const fullest = counts.fullest(nowMs, FULLEST_MOST)
      return {
        name,
        mode,
        max,
        intervalMs,
        per,
        counts: counts.size,
        usedRatio: max === 0 ? 0 : (fullest[0]?.used ?? 0) / max,
        fullest: fullest.map(({ key, used }) => ({ ...shown(per, key), used }))
      }
    })
  }

  #placesOf (exchange: Exchange): readonly Place[] {
    const { identity } = exchange
    const field = fieldsOf(exchange)
    const rules = this.#book.of(identity, field)
    const to = rules.length === 0 ? undefined : field('To')
    if (to === undefined || to === '') return []
    const destination = destinationOf(to)
    return rules.flatMap((rule) => {
      const { prefixes = ['*'], except = [], per = [] } = rule.cap
      const prefix = longestPrefix([...prefixes, ...except], destination)
      if (prefix === undefined || except.includes(prefix)) return []
      const part = (name: CapPart): string => {
        switch (name) {
          case 'caller': return identity.caller
          case 'account': return identity.account.key
          case 'prefix': return prefix
          case 'country': return callingCode(destination)
          case 'destination': return createHmac('sha256', this.#secret).update(destination).digest('base64').slice(0, 22)
        }
      }
      return [{ rule, key: per.map(part).join(SEPARATOR), prefix: rule.cap.prefixes === undefined ? undefined : prefix }]
    })
  }

  #judge ({ rule, key, prefix }: Place, { identity }: Exchange, nowMs: number): void {
    const { name, cap, counts } = rule
    const roomAtMs = counts.roomAtMs(key, nowMs)
    if (roomAtMs === undefined) return
    const refused = cap.mode !== 'count'
    const tell = nowMs - rule.toldAtMs >= TELL_EVERY_MS
    if (tell) rule.toldAtMs = nowMs
    const { account, upstream, route, caller } = identity
    this.#emit({ type: 'spend_cap', cap: name, max: cap.max, intervalMs: cap.intervalMs, prefix, refused, tell, account: account.key, product: upstream.product, route, caller })
    if (refused) throw new GuardError('spend_cap', sentenceOf(name, cap), roomAtMs - nowMs)
  }
}

/** What a count is of, but for destinations. */
function shown (per: readonly CapPart[], key: string): Partial<Record<Exclude<CapPart, 'destination'>, string>> {
  const parts = key.split(SEPARATOR)
  return Object.fromEntries(per.flatMap((name, i) => name === 'destination' ? [] : [[name, parts[i]]]))
}

function sentenceOf (name: string, { max, intervalMs, per = [] }: Cap): string {
  const each = per.length === 0 ? '' : ` for each ${per.join(' and ')}`
  return max === 0
    ? `Cap "${name}" of this proxy lets no such send through (guard.caps.${name}.max is 0).`
    : `Cap "${name}" of this proxy is used up: ${max} ${max === 1 ? 'send' : 'sends'} in ${duration(intervalMs)}${each} (guard.caps.${name}).`
}

const UNITS = [['days', 86_400_000], ['hours', 3_600_000], ['minutes', 60_000], ['seconds', 1_000], ['ms', 1]] as const

/** A duration in the largest unit that it is a whole number of. */
function duration (ms: number): string {
  const [unit, unitMs] = UNITS.find(([, unitMs]) => ms % unitMs === 0) ?? ['ms', 1]
  const count = ms / unitMs
  return `${count} ${count === 1 && unit !== 'ms' ? unit.slice(0, -1) : unit}`
}
