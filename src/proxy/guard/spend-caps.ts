/** Caps on sends: which of them a request falls under, whether there is room, and what it takes of it. */
import { SpendGuard, type SpendLimit } from '../../policy/counts/spend-guard.ts'
import { callingCode, longestPrefix } from '../../twilio/bodies/destination.ts'
import { RuleBook, type Match } from '../match.ts'
import { maySend, recipientsOf, type Recipients } from '../../twilio/bodies/recipients.ts'
import { bodyOf, fieldOf } from './body-fields.ts'
import { Charge } from './charge.ts'
import type { Clock } from '../ports/clock.ts'
import { createDigest } from '../digest.ts'
import { GuardError } from '../errors.ts'
import type { Listener } from '../events.ts'
import type { CapPart, CapState } from '../ports/state.ts'
import type { Exchange } from '../exchange-state.ts'

export interface Cap extends SpendLimit {
  /** Left out: every send. */
  readonly match?: Match
  /**
   * Beginnings of the destinations meant, the longest of a cap counts; left out: all of them. `*`: whatever else there
   * is.
   */
  readonly prefixes?: readonly string[]
  /** Beginnings of destinations that are not meant, unless a longer one of `prefixes` says so. */
  readonly except?: readonly string[]
  /** Each of these has a count of its own; left out: one count. */
  readonly per?: readonly CapPart[]
  /** `count` only reports sends above the most. */
  readonly mode?: 'refuse' | 'count'
}

interface Rule {
  readonly name: string
  readonly match: Match
  readonly cap: Cap
  readonly counts: SpendGuard
  /** When it was last reported, so that an attack does not fill the log. */
  toldAtMs: number
}

/** Sends that count together under one rule. */
interface Place { readonly rule: Rule, readonly key: string, readonly prefix: string | undefined, sends: number }

/** A line of the log in so long, for each cap, milliseconds. */
const TELL_EVERY_MS = 60_000
/** Counts of a cap that are shown. */
const FULLEST_MOST = 5
const SEPARATOR = '\n'
/** What stands for the destination of a send that nobody can read. */
const UNREADABLE = 'unreadable'

export class SpendCaps {
  readonly #rules: readonly Rule[]
  readonly #book: RuleBook<Rule>
  readonly #clock: Clock
  readonly #emit: Listener
  /** Of this process alone: destinations are not held in clear. */
  readonly #digest = createDigest()

  constructor (caps: Readonly<Record<string, Cap>>, clock: Clock, emit: Listener) {
    this.#rules = Object.entries(caps).map(
      ([name, cap]) => ({ name, match: cap.match ?? {}, cap, counts: new SpendGuard(cap), toldAtMs: -Infinity })
    )
    this.#book = new RuleBook(this.#rules)
    this.#clock = clock
    this.#emit = emit
  }

  /**
   * Counts what a request sends under all its caps, and returns what gives it back; undefined for what falls under
   * none. Throws a GuardError, and counts nowhere, when one of them has no room.
   */
  charge (exchange: Exchange): Charge | undefined {
    const { method, route } = exchange.identity
    if (this.#rules.length === 0 || !maySend(method, route)) return undefined
    const places = this.#placesOf(exchange)
    if (places.length === 0) return undefined
    const nowMs = this.#clock.nowMs()
    for (const place of places) this.#judge(place, exchange, nowMs)
    return new Charge(
      places.map(({ rule: { counts }, key, sends }) => ({ counts, key, sends, grain: counts.count(key, nowMs, sends) }))
    )
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
    const body = bodyOf(exchange)
    const rules = this.#book.of(identity, fieldOf(body))
    if (rules.length === 0) return []
    const recipients = recipientsOf(identity.upstream.product, identity.route, identity.path, body())
    const places = new Map<Rule, Map<string, Place>>(rules.map((rule) => [rule, new Map()]))
    for (const [rule, byKey] of places) {
      for (const { destination, sends } of sendsOf(recipients, rule)) {
        const prefix = prefixOf(rule.cap, destination)
        if (prefix === undefined) continue
        const key = this.#keyOf(rule.cap, identity, destination, prefix)
        const place = byKey.get(key)
        if (place === undefined) {
          byKey.set(
            key,
            { rule, key, prefix: rule.cap.prefixes === undefined ? undefined : prefix, sends }
          )
        } else place.sends += sends
      }
    }
    return [...places.values()].flatMap((byKey) => [...byKey.values()])
  }

  #keyOf ({ per = [] }: Cap, { caller, account }: Exchange['identity'], destination: string, prefix: string): string {
    const part = (name: CapPart): string => {
      switch (name) {
        case 'caller': return caller
        case 'account': return account.key
        case 'prefix': return prefix
        case 'country': return destination === UNREADABLE ? UNREADABLE : callingCode(destination)
        case 'destination': return this.#digest(destination)
      }
    }
    return per.map(part).join(SEPARATOR)
  }

  #judge ({ rule, key, prefix, sends }: Place, { identity }: Exchange, nowMs: number): void {
    const { name, cap, counts } = rule
    const roomAtMs = counts.roomAtMs(key, nowMs, sends)
    if (roomAtMs === undefined) return
    const refused = cap.mode !== 'count'
    const tell = nowMs - rule.toldAtMs >= TELL_EVERY_MS
    if (tell) rule.toldAtMs = nowMs
    const { account, upstream, route, caller } = identity
    this.#emit({
      type: 'spend_cap',
      cap: name,
      max: cap.max,
      intervalMs: cap.intervalMs,
      prefix,
      refused,
      tell,
      account: account.key,
      product: upstream.product,
      route,
      caller
    })
    if (refused) throw new GuardError('spend_cap', sentenceOf(name, cap, sends), roomAtMs - nowMs)
  }
}

/** What of a request counts under a rule, by destination. What names nobody counts where a cap names its route. */
function sendsOf (
  recipients: Recipients,
  { match }: Rule
): ReadonlyArray<{ readonly destination: string, readonly sends: number }> {
  switch (recipients.kind) {
    case 'none': return []
    case 'named': return recipients.destinations.map((destination) => ({ destination, sends: 1 }))
    case 'unreadable': return [{ destination: UNREADABLE, sends: recipients.sends }]
    case 'elsewhere': return match.routes === undefined ? [] : [{ destination: '', sends: 1 }]
  }
}

/**
 * The prefix of a cap under which a destination counts; undefined where it does not. What nobody can read counts under
 * every cap.
 */
function prefixOf ({ prefixes = ['*'], except = [] }: Cap, destination: string): string | undefined {
  if (destination === UNREADABLE) return UNREADABLE
  const prefix = longestPrefix([...prefixes, ...except], destination)
  return prefix === undefined || except.includes(prefix) ? undefined : prefix
}

/** What a count is of, but for destinations. */
function shown (per: readonly CapPart[], key: string): Partial<Record<Exclude<CapPart, 'destination'>, string>> {
  const parts = key.split(SEPARATOR)
  return Object.fromEntries(per.flatMap((name, i) => name === 'destination' ? [] : [[name, parts[i]]]))
}

function sentenceOf (name: string, { max, intervalMs, per = [] }: Cap, sends: number): string {
  if (max === 0) return `Cap "${name}" of this proxy allows no such send (guard.caps.${name}.max is 0).`
  const each = per.length === 0 ? '' : ` for each ${per.join(' and ')}`
  const most = `${max} ${max === 1 ? 'send' : 'sends'} in ${duration(intervalMs)}${each} (guard.caps.${name})`
  return sends > max
    ? `This request sends to ${sends} at once, but cap "${name}" of this proxy allows ${most}.`
    : `Cap "${name}" of this proxy is used up: ${most}.`
}

const UNITS = [['days', 86_400_000], ['hours', 3_600_000], ['minutes', 60_000], ['seconds', 1_000], ['ms', 1]] as const

/** A duration in the largest unit that it is a whole number of. */
function duration (ms: number): string {
  const [unit, unitMs] = UNITS.find(([, unitMs]) => ms % unitMs === 0) ?? ['ms', 1]
  const count = ms / unitMs
  return `${count} ${count === 1 && unit !== 'ms' ? unit.slice(0, -1) : unit}`
}
