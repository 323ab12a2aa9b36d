/** Which credentials Twilio has accepted, and so whose share of bounded things a request takes. */
import { CredentialTrust, verdictOf, type Standing } from '../../policy/counts/credential-trust.ts'
import { memoised } from '../../policy/counts/memo.ts'
import { createDigest } from '../digest.ts'

const TRUST = { max: 10_000, patience: 10 }
/** As principals are remembered: see twilio/paths/principal.ts. */
const MEMO_MOST = 1_000
const MEMO_LENGTH_MOST = 2_048

/** A credential at an account, and where it came from. */
export interface Bearer {
  /** A digest of the credential, and the account's key. */
  readonly credential: string
  readonly address: string
}

export class Credentials {
  readonly #trust = new CredentialTrust(TRUST)
  readonly #digest = memoised(MEMO_MOST, MEMO_LENGTH_MOST, createDigest())

  /** The same secret may be good for one account and not for another. */
  nameOf (authorization: string | undefined, account: string): string {
    return authorization === undefined ? account : `${this.#digest(authorization)} ${account}`
  }

  standing (credential: string): Standing { return this.#trust.standing(credential) }

  /** An address has one share; a credential that Twilio has accepted has one of its own. */
  peerOf ({ credential, address }: Bearer): string {
    return this.standing(credential) === 'accepted' ? `${address} ${credential}` : address
  }

  /** Twilio answered; true when the standing of the credential has changed. */
  answered (credential: string, status: number): boolean { return this.#trust.answered(credential, verdictOf(status)) }
}
