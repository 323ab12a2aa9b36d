/**
 * What Twilio has said of credentials: of each the last that counts. Credentials are known by digests. All memory is
 * bounded, and what was used longest ago is forgotten first.
 */
export type Standing =
  | 'untried' // Twilio has not judged it yet
  | 'accepted'
  | 'rejected' // Twilio answered 401

/** What an answer says of the credential it was asked with. */
export type Verdict = 'accepted' | 'unauthorized' | 'silent'

export interface TrustOptions {
  /** Most accepted credentials that are remembered, and as many rejected ones. */
  readonly max: number
  /** Answers with 401 in a row after which an accepted credential is one no more: a single path may be closed to it. */
  readonly patience: number
}

/**
 * Statuses that come without a look at the credential, or may: the path or method is unknown, the request came too
 * slowly or too often.
 */
const SAYS_NOTHING: ReadonlySet<number> = new Set([404, 405, 407, 408, 429, 431])

export function verdictOf (status: number): Verdict {
  if (status === 401) return 'unauthorized'
  return status < 200 || status >= 500 || SAYS_NOTHING.has(status) ? 'silent' : 'accepted'
}

export class CredentialTrust {
  readonly #options: TrustOptions
  /** Answers with 401 since it was accepted last, by credential. */
  readonly #accepted = new Map<string, number>()
  readonly #rejected = new Map<string, true>()

  constructor (options: TrustOptions) { this.#options = options }

  standing (credential: string): Standing {
    if (this.#accepted.has(credential)) return 'accepted'
    return this.#rejected.has(credential) ? 'rejected' : 'untried'
  }

  /** Twilio answered; true when the standing has changed. */
  answered (credential: string, verdict: Verdict): boolean {
    if (verdict === 'silent') return false
    const doubts = this.#accepted.get(credential)
    if (verdict === 'accepted') {
      this.#rejected.delete(credential)
      this.#note(this.#accepted, credential, 0)
      return doubts === undefined
    }
    if (doubts !== undefined && doubts + 1 < this.#options.patience) {
      this.#note(this.#accepted, credential, doubts + 1)
      return false
    }
    const wasRejected = this.#rejected.has(credential)
    this.#accepted.delete(credential)
    this.#note(this.#rejected, credential, true)
    return !wasRejected
  }

  /** The first in the map was judged longest ago. */
  #note<V> (map: Map<string, V>, credential: string, value: V): void {
    map.delete(credential)
    map.set(credential, value)
    const [oldest] = map.keys()
    if (map.size > this.#options.max && oldest !== undefined) map.delete(oldest)
  }
}
