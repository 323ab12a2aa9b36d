/**
 * Requests that must not start faster than a rule allows. A request that matches no rule leaves this way after one look
 * at its route.
 */
import { destinationOf } from '../../twilio/bodies/destination.ts'
import { RuleBook, type ReadField } from '../match.ts'
import { bareRoute } from '../../twilio/paths/route.ts'
import { looseForm } from '../../twilio/paths/spelling.ts'
import { refuseIfOver } from '../gate/waiting.ts'
import { bodyOf, fieldOf } from '../guard/body-fields.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import type { Deferral } from '../ports/deferral.ts'
import type { CreatePacer, Pacer } from '../ports/pacer.ts'
import { createDigest } from '../digest.ts'
import { ShedError } from '../errors.ts'
import type { Listener } from '../events.ts'
import type { PacedRule } from '../ports/state.ts'
import type { Exchange } from '../exchange-state.ts'
import { LocalPacer, type PacerContext } from './pacer.ts'
import { closedRule, hasOpenHours, OpenHoursWait, type TimedRule } from './open-hours-wait.ts'
import type { PacingRule } from './pacing-rule.ts'
import type { Answer } from '../reply/answers.ts'

/** Keys of a rule that have a pace of their own; any more share one. */
const KEYS_MOST = 10_000
const OVERFLOW_KEY = 'overflow'
/** How often paces are looked at that nobody needs any more, milliseconds. */
const SWEEP_MS = 60_000

export class Pacing {
  readonly #book: RuleBook<PacingRule> | undefined
  /** By rule, the pace of each key. */
  readonly #pacers: ReadonlyMap<PacingRule, Map<string, Pacer>>
  readonly #createPacer: CreatePacer
  readonly #clock: Clock
  readonly #emit: Listener
  readonly #openHours: OpenHoursWait
  /** Numbers and names are told apart, and not stored. */
  readonly #digest = createDigest()
  #sweepTimer: Timer | undefined

  constructor (
    rules: readonly PacingRule[],
    queue: PacerContext['queue'],
    clock: Clock,
    emit: Listener,
    deferral: Deferral,
    createPacer: CreatePacer = ({ pace }) => new LocalPacer({ pace, queue, clock })
  ) {
    this.#openHours = new OpenHoursWait(queue.maxWaiting, clock, deferral)
    this.#book = rules.length === 0 ? undefined : new RuleBook(rules)
    this.#pacers = new Map(rules.map((rule) => [rule, new Map<string, Pacer>()]))
    this.#createPacer = createPacer
    this.#clock = clock
    this.#emit = emit
  }

  /** What holds a request back; undefined for most. */
  of (exchange: Exchange): Pace | undefined {
    if (this.#book === undefined) return undefined
    const field = fieldOf(bodyOf(exchange))
    const rules = this.#book.of(exchange.identity, field)
    if (rules.length === 0) return undefined
    const by = rules.flatMap((rule) => this.#paced(rule, exchange, field))
    const timed = rules.filter(hasOpenHours)
    return by.length + timed.length === 0
      ? undefined
      : new Pace(exchange, by, timed, this.#openHours, this.#clock, this.#emit)
  }

  /** Rules at work, by name: a preset may be several rules. */
  get rules (): readonly PacedRule[] {
    const byName = new Map<string, PacedRule>()
    for (const [{ name }, pacers] of this.#pacers) {
      const { keys = 0, waiting = this.#openHours.waitingFor(name) } = byName.get(name) ?? {}
      byName.set(name, {
        rule: name,
        keys: keys + pacers.size,
        waiting: [...pacers.values()].reduce((sum, pacer) => sum + pacer.waiting, waiting)
      })
    }
    return [...byName.values()]
  }

  close (): void {
    if (this.#sweepTimer !== undefined) this.#clock.clearTimer(this.#sweepTimer)
  }

  #paced (rule: PacingRule, exchange: Exchange, field: ReadField): PacedBy[] {
    const { pace } = rule
    const pacers = this.#pacers.get(rule)
    if (pace === undefined || pacers === undefined) return []
    const key = this.#keyOf(rule, exchange, field)
    const known = pacers.get(key) ?? (pacers.size < KEYS_MOST ? undefined : pacers.get(OVERFLOW_KEY))
    if (known !== undefined) return [{ name: rule.name, pacer: known }]
    const name = pacers.size < KEYS_MOST ? key : OVERFLOW_KEY
    const pacer = this.#createPacer({ rule: rule.name, key: name, pace })
    pacers.set(name, pacer)
    this.#sweepTimer ??= this.#clock.setTimer(() => this.#sweep(), SWEEP_MS)
    return [{ name: rule.name, pacer }]
  }

  #keyOf (
    { per }: PacingRule,
    { identity: { account, caller, route, path, upstream } }: Exchange,
    field: ReadField
  ): string {
    const parts = [account.key]
    if (per.route === true) parts.push(bareRoute(route))
    if (per.caller === true) parts.push(caller)
    if (per.segments !== undefined) parts.push(upstream.host, this.#digest(firstSegments(path, per.segments)))
    if (per.field !== undefined) parts.push(this.#digest(oneValue(field(per.field))))
    return parts.join(' ')
  }

  #sweep (): void {
    this.#sweepTimer = undefined
    const nowMs = this.#clock.nowMs()
    let left = 0
    for (const [{ pace }, pacers] of this.#pacers) {
      // What a pace remembers counts for as long as its interval.
      const keepMs = SWEEP_MS + (pace !== undefined && 'intervalMs' in pace ? pace.intervalMs : 0)
      for (const [key, pacer] of pacers) if (pacer.idleMs(nowMs) >= keepMs) pacers.delete(key)
      left += pacers.size
    }
    if (left > 0) this.#sweepTimer = this.#clock.setTimer(() => this.#sweep(), SWEEP_MS)
  }
}

interface PacedBy {
  readonly name: string
  readonly pacer: Pacer
}

/** All that paces one exchange. */
export class Pace {
  readonly #exchange: Exchange
  readonly #by: readonly PacedBy[]
  readonly #timed: readonly TimedRule[]
  readonly #openHours: OpenHoursWait
  readonly #clock: Clock
  readonly #emit: Listener
  #starts: ReadonlyArray<() => void> = []

  constructor (
    exchange: Exchange,
    by: readonly PacedBy[],
    timed: readonly TimedRule[],
    openHours: OpenHoursWait,
    clock: Clock,
    emit: Listener
  ) {
    this.#exchange = exchange
    this.#by = by
    this.#timed = timed
    this.#openHours = openHours
    this.#clock = clock
    this.#emit = emit
  }

  /** Whether a rule gives it a pace, and not open hours alone. */
  get isPaced (): boolean { return this.#by.length > 0 }

  /** Waits until its rules are open, or stores it for later: then with its answer. */
  open (): Promise<Answer | undefined> | undefined {
    return this.#timed.length === 0 ? undefined : this.#openHours.pass(this.#exchange, this.#timed)
  }

  /** Throws when a rule has closed while it waited for its turn. */
  refuseIfClosed (): void {
    const closed = closedRule(this.#timed, this.#clock.epochMs())
    if (closed !== undefined) throw new ShedError('outside_open_hours', closed.opensInMs)
  }

  /** Waits for the permission of each rule, one after the other. */
  async permission (again: boolean): Promise<void> {
    const { identity: { account, upstream } } = this.#exchange
    for (const { name, pacer } of this.#by) {
      refuseIfOver(this.#exchange)
      const sinceMs = this.#clock.nowMs()
      const given = pacer.permission(this.#exchange, again)
      try {
        await given
      } finally {
        const waitMs = given === undefined ? 0 : this.#clock.nowMs() - sinceMs
        this.#exchange.onInterrupt(undefined)
        this.#exchange.paceMs += waitMs
        this.#emit({ type: 'paced', account: account.key, product: upstream.product, rule: name, waitMs })
      }
    }
  }

  /** How long it must still wait that has permission, milliseconds. */
  get restMs (): number { return this.#by.reduce((restMs, { pacer }) => Math.max(restMs, pacer.restMs()), 0) }

  started (): void { this.#starts = this.#by.map(({ pacer }) => pacer.started()) }

  /** The attempt's first byte goes out now. */
  readonly sent = (): void => { for (const sent of this.#starts) sent() }
}

/** `/v1/services/is1` of `/v1/Services/IS1/Documents?x`, for three: the same for all spellings. */
function firstSegments (path: string, count: number): string {
  return looseForm(path).split('/').slice(0, count + 1).join('/').toLowerCase()
}

/**
 * What a field says, the same for all spellings of a number. Those that say several things, or nobody knows what, share
 * one.
 */
function oneValue (values: readonly string[] | undefined): string {
  return values === undefined || values.length > 1 ? 'several' : destinationOf(values[0] ?? '')
}
