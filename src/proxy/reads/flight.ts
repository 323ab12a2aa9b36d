/** A read on its way to Twilio, and those who wait for the same answer. */
import type { Clock } from '../ports/clock.ts'
import { ClientLeftError, ShedError } from '../errors.ts'
import type { Exchange, Interruption } from '../exchange-state.ts'
import type { Read } from './read.ts'
import type { Answer } from '../reply/answers.ts'

/**
 * What a follower is told: the answer; that he is to `lead` now, since what became of the leader was its own doing; or
 * that each is `alone`, since the answer is too large to hold.
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
  /** What they are told, once it is known. */
  #told: Answer | 'alone' | undefined

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
        // What is here and still to be told is no longer too late.
        if (this.#told === undefined || why === 'client_left') reject(tooLate(why, exchange))
        else resolve(this.#told)
      })
    })
  }

  /** The one who came first leads from now on, the others wait on; false when there is nobody. */
  handOver (): boolean {
    const first = this.#takeFirst()
    first?.[0].asksItself()
    first?.[1]('lead')
    return first !== undefined
  }

  /**
   * All who follow are told the same, one in each turn of the event loop. To write an answer takes some 0.1 ms: told
   * all at once, 50 would hold up the next read by 5 ms, and 1,000 everybody else by 100. Nobody follows any more.
   */
  tell (told: Answer | 'alone', clock: Clock): void {
    this.#told = told
    const first = this.#takeFirst()
    if (first === undefined) return
    const [exchange, tell] = first
    if (told === 'alone') exchange.asksItself()
    tell(told)
    if (!this.isAlone) clock.afterInput(() => { this.tell(told, clock) })
  }

  #takeFirst (): [Exchange, (told: Told) => void] | undefined {
    const first = this.#followers?.entries().next()
    if (first === undefined || first.done === true) return undefined
    const [exchange] = first.value
    this.#followers?.delete(exchange)
    exchange.onInterrupt(undefined)
    return first.value
  }
}

function tooLate (why: Interruption, exchange: Exchange): Error {
  return why === 'client_left' ? new ClientLeftError() : new ShedError('deadline', exchange.gate.retryAfterMs(exchange))
}
