/** Kill switches: what somebody has stopped, until it is released or its time is up. */
import { fitsOne } from '../match.ts'
import { isRead } from '../../twilio/methods.ts'
import { accountInPath } from '../../twilio/paths/principal.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import { GuardError } from '../errors.ts'
import type { KillSwitchEvent, Listener } from '../events.ts'
import type { Identity } from '../exchange-state.ts'
import type { KillSwitch } from './kill-switch.ts'

export interface SwitchOptions {
  /** Those that were on when the proxy last ended. */
  readonly restored: readonly KillSwitch[]
  /** Stores the switches that are on, over a restart; false if they could not be stored. */
  readonly keep: (switches: readonly KillSwitch[]) => Promise<boolean>
  /** Is this a name of the account with this key? */
  readonly isAccount: (named: string, key: string) => boolean
}

/** What became of a change. */
export interface Changed {
  /** It will be known after a restart. */
  readonly durable: boolean
  /** Waiting requests that were refused. */
  readonly refused: number
}

/** Node fires a timer at once whose delay is too long for it. */
const TIMER_MOST_MS = 86_400_000

export class Switches {
  readonly #options: SwitchOptions
  readonly #clock: Clock
  readonly #emit: Listener
  readonly #refuseWaiting: () => number
  readonly #on = new Map<string, KillSwitch>()
  #timer: Timer | undefined

  /** `refuseWaiting` refuses waiting requests that may not go on, and returns how many those were. */
  constructor (options: SwitchOptions, clock: Clock, emit: Listener, refuseWaiting: () => number) {
    this.#options = options
    this.#clock = clock
    this.#emit = emit
    this.#refuseWaiting = refuseWaiting
    for (const one of options.restored) this.#on.set(one.name, one)
    this.#expire()
    for (const one of this.#on.values()) this.#tell('restored', one)
  }

  all (): readonly KillSwitch[] {
    return [...this.#on.values()]
  }

  get (name: string): KillSwitch | undefined { return this.#on.get(name) }

  /** Undefined for a request that may go on. */
  refusalOf (identity: Identity): GuardError | undefined {
    if (this.#on.size === 0) return undefined
    for (const one of this.#on.values()) {
      if (this.#stops(one, identity)) return new GuardError('kill_switch', sentenceOf(one))
    }
    return undefined
  }

  /** Takes effect before it is stored: a full disk stops nobody who wants to stop something. */
  async turnOn (one: KillSwitch): Promise<Changed> {
    this.#on.set(one.name, one)
    this.#arm()
    const refused = this.#refuseWaiting()
    this.#tell('thrown', one, refused)
    return { durable: await this.#keep(), refused }
  }

  /** Undefined when there is none of that name. */
  async turnOff (name: string): Promise<Changed | undefined> {
    const one = this.#on.get(name)
    if (one === undefined) return undefined
    this.#on.delete(name)
    this.#arm()
    this.#tell('released', one)
    return { durable: await this.#keep(), refused: 0 }
  }

  close (): void {
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer)
    this.#timer = undefined
  }

  #stops ({ account, product, caller, reads, untilMs }: KillSwitch, identity: Identity): boolean {
    return (reads || !isRead(identity.method)) &&
      (product === null || product === identity.upstream.product) &&
      (caller === null || fitsOne(caller, identity.caller)) &&
      (account === null || this.#isOf(account, identity)) &&
      (untilMs === null || untilMs > this.#clock.epochMs())
  }

  /** Also a request of another account, its parent as a rule, that acts for it. */
  #isOf (account: string, { account: { key }, path }: Identity): boolean {
    const { isAccount } = this.#options
    const actsFor = accountInPath(path)
    return isAccount(account, key) || (actsFor !== undefined && isAccount(account, actsFor))
  }

  #expire (): void {
    const nowMs = this.#clock.epochMs()
    const over = this.all().filter(({ untilMs }) => untilMs !== null && untilMs <= nowMs)
    for (const one of over) {
      this.#on.delete(one.name)
      this.#tell('expired', one)
    }
    if (over.length > 0) void this.#keep()
    this.#arm()
  }

  /** One timer, for the switch that ends first. */
  #arm (): void {
    this.close()
    const nextMs = Math.min(...this.all().map(({ untilMs }) => untilMs ?? Infinity))
    if (nextMs === Infinity) return
    const delayMs = Math.min(TIMER_MOST_MS, Math.max(1, nextMs - this.#clock.epochMs()))
    this.#timer = this.#clock.setTimer(() => { this.#expire() }, delayMs)
  }

  #keep (): Promise<boolean> { return this.#options.keep(this.all()) }

  #tell (change: KillSwitchEvent['change'], killSwitch: KillSwitch, refused = 0): void {
    this.#emit({ type: 'kill_switch', change, killSwitch, refused })
  }
}

function sentenceOf ({ name, reason }: KillSwitch): string {
  const why = reason === null ? '' : `: ${reason}`
  return `Stopped by the kill switch "${name}" of this proxy${why}${/[.!?]$/.test(why) ? '' : '.'}`
}
