/** One credential of the settings: the secret that it has now, and those that it had before. */
import {
  credentialAnswered,
  credentialSent,
  untried,
  type CredentialHealth
} from '../policy/counts/credential-order.ts'
import { verdictOf } from '../policy/counts/credential-trust.ts'
import type { Clock, Timer } from '../proxy/ports/clock.ts'
import type { UpstreamCredential } from '../proxy/ports/upstream-credential.ts'
import type { Product } from '../twilio/types.ts'
import { fetchToken, renewAfterMs, type PostForm } from './oauth.ts'

export interface CredentialOptions {
  readonly name: string
  /** The limiter's key of its account: a SID, with the region after it where there is one. */
  readonly account: string
  /** Products that it is for; undefined for all. */
  readonly products: readonly Product[] | undefined
  readonly type: 'basic' | 'oauth'
}

/** What happened to a credential, for the log and for metrics. Nothing in it is secret. */
export interface CredentialChange {
  readonly name: string
  readonly account: string
  readonly change: 'loaded' | 'replaced' | 'accepted' | 'rejected' | 'token_renewed' | 'token_failed'
  readonly fault?: string
}

export interface CredentialContext {
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** Asks Twilio for a token. */
  readonly post: PostForm
  readonly tell: (change: CredentialChange) => void
}

/** From one failure to get a token to the next try, milliseconds. */
const TOKEN_AGAIN_MS = 1_000
const TOKEN_AGAIN_MOST_MS = 60_000

/** One secret, as long as it may still be used. */
export class Secret {
  readonly id: string
  readonly health: CredentialHealth = untried()
  readonly #of: CredentialOptions
  readonly #context: CredentialContext
  readonly #user: string
  readonly #secret: string
  /** Value of the Authorization header; undefined while there is no token. */
  #authorization: string | undefined
  #validUntilMs = Infinity
  #waiting: Array<() => void> = []
  #fetching = false
  #failures = 0
  #fetchAtMs = -Infinity
  #timer: Timer | undefined
  #closed = false

  /** `pair`: user name and password, with a colon between them. */
  constructor (id: string, pair: string, of: CredentialOptions, context: CredentialContext) {
    this.id = id
    const colon = pair.indexOf(':')
    this.#user = pair.slice(0, colon)
    this.#secret = pair.slice(colon + 1)
    this.#of = of
    this.#context = context
    if (of.type === 'basic') this.#authorization = `Basic ${Buffer.from(pair).toString('base64')}`
    else this.#fetch()
  }

  /** It has what goes to Twilio. */
  get isReady (): boolean {
    return this.#authorization !== undefined && this.#context.clock.nowMs() < this.#validUntilMs
  }

  /** A token may be here soon. */
  get isFetching (): boolean { return this.#fetching }

  /** Resolves when Twilio has judged it, or a token is here or not to be had now. */
  settled (): Promise<void> { return new Promise((resolve) => { this.#waiting.push(resolve) }) }

  /** For one attempt, which goes out now. */
  use (): UpstreamCredential {
    const { health } = this
    const { clock, tell } = this.#context
    const authorization = this.#authorization ?? ''
    credentialSent(health, clock.nowMs())
    let isOver = false
    return {
      id: this.id,
      name: this.#of.name,
      authorization,
      answered: (status) => {
        if (isOver) return
        isOver = true
        const verdict = status === 0 ? 'silent' : verdictOf(status)
        if (credentialAnswered(health, verdict, clock.nowMs()) && !this.#closed) {
          const change = health.standing === 'accepted' ? 'accepted' : 'rejected'
          tell({ name: this.#of.name, account: this.#of.account, change })
        }
        // A token may be revoked before it ends.
        if (verdict === 'unauthorized' && this.#of.type === 'oauth' && authorization === this.#authorization) {
          this.#authorization = undefined
          this.#fetch()
        }
        this.#settle()
      }
    }
  }

  close (): void {
    this.#closed = true
    if (this.#timer !== undefined) this.#context.clock.clearTimer(this.#timer)
    this.#settle()
  }

  #settle (): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  #fetch (): void {
    const { clock } = this.#context
    if (this.#fetching || this.#closed) return
    const restMs = this.#fetchAtMs - clock.nowMs()
    if (restMs > 0) {
      this.#later(restMs)
      return
    }
    this.#fetching = true
    this.#fetchAtMs = clock.nowMs() + TOKEN_AGAIN_MS
    void fetchToken(this.#user, this.#secret, this.#context.post).then((answer) => {
      this.#fetching = false
      if (this.#closed) return
      const { name, account } = this.#of
      if ('token' in answer) {
        this.#failures = 0
        this.#authorization = `Bearer ${answer.token}`
        this.#validUntilMs = clock.nowMs() + answer.validForMs
        this.#context.tell({ name, account, change: 'token_renewed' })
        this.#later(renewAfterMs(answer.validForMs, this.#context.random()))
      } else {
        const againMs = Math.min(TOKEN_AGAIN_MOST_MS, TOKEN_AGAIN_MS * 2 ** this.#failures++)
        this.#fetchAtMs = clock.nowMs() + againMs
        this.#context.tell({ name, account, change: 'token_failed', fault: answer.fault })
        this.#later(againMs)
      }
      this.#settle()
    })
  }

  #later (delayMs: number): void {
    const { clock } = this.#context
    if (this.#timer !== undefined) clock.clearTimer(this.#timer)
    this.#timer = clock.setTimer(() => {
      this.#timer = undefined
      this.#fetch()
    }, delayMs)
  }
}
