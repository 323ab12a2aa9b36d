/**
 * Twilio's credentials, held by the proxy. For each account they are in order, and the first that Twilio accepts is
 * used. A secret that is replaced serves at once; the one before it stays until Twilio has accepted the new one.
 */
import { chooseCredential } from '../policy/counts/credential-order.ts'
import type { Exchange } from '../proxy/exchange-state.ts'
import type { Broker, ChosenCredential } from '../proxy/ports/access.ts'
import type { Timer } from '../proxy/ports/clock.ts'
import { accountInPath } from '../twilio/paths/principal.ts'
import { Secret, type CredentialContext, type CredentialOptions } from './credential.ts'
import { readSecret, type Environment, type SecretSource } from './secret.ts'

export interface BrokerCredentialOptions extends CredentialOptions, SecretSource {
  /** The user name, where the secret is a password alone: an API key's SID, a client's id, an account SID. */
  readonly user: string | undefined
}

export interface BrokerContext extends CredentialContext {
  readonly env: Environment
  /** A file cannot be read any more, or holds what nobody can use: what was read before stays. */
  readonly warn: (name: string, fault: string) => void
}

/** How often files are looked at, milliseconds. */
const LOOK_EVERY_MS = 500
/** What a client is told that came with no credential to be had, milliseconds. */
const NONE_RETRY_AFTER_MS = 1_000

interface Held {
  readonly options: BrokerCredentialOptions
  /** The newest first. */
  secrets: Secret[]
  /** The last that was read, to see whether it was replaced. */
  pair: string | undefined
  fault: string | undefined
  generation: number
}

export class CredentialBroker implements Broker {
  readonly #held: readonly Held[]
  readonly #context: BrokerContext
  #timer: Timer | undefined
  #closed = false

  constructor (credentials: readonly BrokerCredentialOptions[], context: BrokerContext) {
    this.#held = credentials.map((options) =>
      ({ options, secrets: [], pair: undefined, fault: undefined, generation: 0 }))
    this.#context = context
  }

  /** Reads all secrets once, and from then on looks whether files were replaced. */
  async open (): Promise<void> {
    await this.#look()
  }

  choose (exchange: Exchange, tried: ReadonlySet<string>): ChosenCredential {
    const secrets = this.#secretsFor(exchange)
    if (secrets.length === 0) return { none: 'no_credential', retryAfterMs: NONE_RETRY_AFTER_MS }
    const ready = secrets.filter(({ isReady }) => isReady)
    const triedHere = new Set(ready.flatMap(({ id }, i) => tried.has(id) ? [i] : []))
    const choice = chooseCredential(ready.map(({ health }) => health), triedHere, this.#context.clock.nowMs())
    if ('use' in choice) {
      const secret = ready[choice.use]
      if (secret !== undefined) return { credential: secret.use() }
    }
    const awaited = 'wait' in choice ? ready[choice.wait] : secrets.find(({ isFetching }) => isFetching)
    if (awaited !== undefined) return { ready: awaited.settled() }
    const forMs = 'rejectedForMs' in choice ? choice.rejectedForMs : Infinity
    return { none: 'credentials_rejected', retryAfterMs: forMs < Infinity ? forMs : NONE_RETRY_AFTER_MS }
  }

  close (): void {
    this.#closed = true
    if (this.#timer !== undefined) this.#context.clock.clearTimer(this.#timer)
    for (const { secrets } of this.#held) for (const secret of secrets) secret.close()
  }

  /** Those of the account that the path names, or else of the account that is limited; those of its product first. */
  #secretsFor ({ identity: { path, account, upstream } }: Exchange): readonly Secret[] {
    const named = accountInPath(path)
    const region = account.key.includes('@') ? account.key.slice(account.key.indexOf('@')) : ''
    const keys = named === undefined ? [account.key] : [`${named}${region}`, account.key]
    for (const key of keys) {
      const held = this.#held.filter(({ options }) => options.account === key)
      const own = held.filter(({ options: { products } }) => products?.includes(upstream.product) === true)
      const common = held.filter(({ options: { products } }) => products === undefined)
      const all = [...own, ...common].flatMap(({ secrets }) => secrets)
      if (all.length > 0) return all
    }
    return []
  }

  async #look (): Promise<void> {
    for (const held of this.#held) await this.#refresh(held)
    if (!this.#closed) this.#timer = this.#context.clock.setTimer(() => { void this.#look() }, LOOK_EVERY_MS)
  }

  async #refresh (held: Held): Promise<void> {
    const { options } = held
    if (options.file === undefined && held.pair !== undefined) return
    const read = await readSecret(options, this.#context.env)
    const fault = 'fault' in read ? read.fault : faultIn(read.secret, options.user)
    if (fault !== undefined || !('secret' in read)) {
      if (fault !== undefined && fault !== held.fault) this.#context.warn(options.name, fault)
      held.fault = fault
      return
    }
    held.fault = undefined
    const pair = options.user === undefined ? read.secret : `${options.user}:${read.secret}`
    if (pair === held.pair || this.#closed) return
    const { name, account } = options
    this.#context.tell({ name, account, change: held.pair === undefined ? 'loaded' : 'replaced' })
    held.pair = pair
    const secret = new Secret(`${name} ${++held.generation}`, pair, options, {
      ...this.#context,
      tell: (change) => {
        if (change.change === 'accepted') this.#retireBefore(held, secret)
        this.#context.tell(change)
      }
    })
    // One that Twilio has never accepted is not worth keeping.
    held.secrets = [secret, ...held.secrets.filter(({ health }) => health.standing === 'accepted').slice(0, 1)]
  }

  /** What was replaced is no longer needed. */
  #retireBefore (held: Held, accepted: Secret): void {
    if (held.secrets[0] !== accepted) return
    for (const secret of held.secrets.slice(1)) secret.close()
    held.secrets = [accepted]
  }
}

/** What is wrong with a secret; nothing of it is told. */
function faultIn (secret: string, user: string | undefined): string | undefined {
  if (/[^\x21-\x7e]/.test(secret)) return 'holds more than one word, or characters that no credential has'
  if (user === undefined && !/^[^:]+:.+$/.test(secret)) {
    return 'must hold a user name and a secret with a colon between them, as no user is set'
  }
  if (user !== undefined && secret.startsWith(`${user}:`)) {
    return 'holds the user name too, which the settings name already'
  }
  return undefined
}
