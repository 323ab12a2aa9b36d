/**
 * At which gate a request waits. A credential that Twilio does not accept waits apart, at a small gate of its account's
 * own, so that a stranger who names an account takes none of its slots and none of its places to wait.
 */
import { verdictOf } from '../../policy/counts/credential-trust.ts'
import type { Account } from './accounts.ts'
import type { Credentials } from './credentials.ts'
import { OtherGateError } from '../errors.ts'
import type { Exchange } from '../exchange-state.ts'
import type { Gate } from './gate.ts'
import { refuseWaiting } from './refuse-waiting.ts'

/** Answers with 401 to an account from which on a credential that Twilio has not judged is no longer trusted. */
const DOUBTS_MOST = 8

/** What is needed of the accounts. */
export interface KnownAccounts {
  readonly strangersOf: (account: Account) => Gate
  readonly accepted: (account: Account) => void
}

export class Gates {
  readonly #credentials: Credentials
  readonly #accounts: KnownAccounts
  readonly #running: Iterable<Exchange>

  constructor (credentials: Credentials, accounts: KnownAccounts, running: Iterable<Exchange>) {
    this.#credentials = credentials
    this.#accounts = accounts
    this.#running = running
  }

  /**
   * Gives an exchange its gate, as things are now. Strangers share that gate by address: the names they give are no
   * proof.
   */
  place (exchange: Exchange): void {
    const { account, bearer, caller } = exchange.identity
    exchange.isStranger = bearer !== undefined && this.#isStranger(bearer.credential, account)
    exchange.gate = exchange.isStranger ? this.#accounts.strangersOf(account) : account.gate
    exchange.caller = exchange.isStranger && bearer !== undefined ? bearer.address : caller
    if (!exchange.isStranger || !exchange.isCharged) return
    exchange.charge?.end()
    exchange.charge = undefined
    exchange.isCharged = false
  }

  /** Twilio answered. Who waits with the same credential, and now at the wrong gate, is sent to the other one. */
  heard ({ identity: { account, bearer }, isStranger }: Exchange, status: number): void {
    if (bearer === undefined) return
    const verdict = verdictOf(status)
    if (verdict === 'silent') return
    if (verdict === 'accepted') this.#accounts.accepted(account)
    else account.doubts++
    const { credential } = bearer
    if (!this.#credentials.answered(credential, status) || isStranger === this.#isStranger(credential, account)) return
    refuseWaiting(this.#running, (exchange) =>
      exchange.asksForPermit && exchange.identity.bearer?.credential === credential ? new OtherGateError() : undefined)
  }

  /**
   * Until the account is known, every client that names it is trusted: a start with many requests at once must not wait
   * for the first answer.
   */
  #isStranger (credential: string, account: Account): boolean {
    const standing = this.#credentials.standing(credential)
    return standing === 'rejected' ||
      (standing === 'untried' && (account.doubts === -Infinity || account.doubts >= DOUBTS_MOST))
  }
}
