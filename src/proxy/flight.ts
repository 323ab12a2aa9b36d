/** A read on its way to Twilio, and those who wait for the same answer. */
import { ClientLeftError, ShedError } from './errors.ts'
import type { Exchange, Interruption } from './exchange-state.ts'
import type { Read } from './read.ts'
import type { Answer } from './reply.ts'

/**
 * What a follower is told: the answer; that he is to `lead` now, since what became of the leader was its own doing; or that
 * each is `alone`, since the answer is too large to hold.
 */
export type Told = Answer | 'lead' | 'alone'

/** More do not follow one read: beyond them the gate, which has bounds, takes them in. */
const FOLLOWERS_MOST = 10_000

export class Flight {
  /** When the read of its leader began, counted. */
  order = 0
  /** Whom its answer is for, known when it is here; undefined for its leader alone. */
  read: Read | undefined
  /** Made for the first: as a rule nobody follows. */
  #followers: Map<Exchange, (told: Told) => void> | undefined

  get isAlone (): boolean { return (this.#followers?.size ?? 0) === 0 }
  get isFull (): boolean { return (this.#followers?.size ?? 0) >= FOLLOWERS_MOST }

  /** Waits for what the leader is told, as long as there is time and somebody to give it to. */
  async follow (exchange: Exchange): Promise<Told> {
    if (exchange.interruption !== undefined) throw tooLate(exchange.interruption, exchange)
    const followers = this.#followers ??= new Map()
    exchange.isUnderway = true
    return await new Promise<Told>((resolve, reject) => {
      followers.set(exchange, resolve)
      exchange.onInterrupt((why) => {
        followers.delete(exchange)
        exchange.onInterrupt(undefined)
        reject(tooLate(why, exchange))
      })
    })
  }

  /** The one who came first leads from now on, the others wait on; false when there is nobody. */
  handOver (): boolean {
    const first = this.#followers?.entries().next()
    if (first === undefined || first.done === true) return false
    const [exchange, tell] = first.value
    this.#followers?.delete(exchange)
    exchange.onInterrupt(undefined)
    exchange.asksItself()
    tell('lead')
    return true
  }

  /** All who follow are told the same. */
  tell (told: Answer | 'alone'): void {
    for (const [exchange, tell] of this.#followers ?? []) {
      exchange.onInterrupt(undefined)
      if (told === 'alone') exchange.asksItself()
      tell(told)
    }
    this.#followers = undefined
  }
}

function tooLate (why: Interruption, exchange: Exchange): Error {
  return why === 'client_left' ? new ClientLeftError() : new ShedError('deadline', exchange.gate.retryAfterMs(exchange))
}
