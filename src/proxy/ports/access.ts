/** Who may use the proxy, and what goes to Twilio for them: what the listener and the line need of it. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Exchange } from '../exchange-state.ts'
import type { AccessReason } from '../reasons.ts'
import type { UpstreamCredential } from './upstream-credential.ts'

/** A caller that the proxy knows by a token of its own, or by a certificate. */
export interface KnownCaller {
  readonly name: string
  /** What goes to Twilio: a credential of the proxy's, or the one that the client sent. */
  readonly credentials: 'broker' | 'own'
  /** The account that it asks for where neither path nor user name says so; an account SID. */
  readonly account: string | undefined
}

/** What a request shows of its caller. */
export interface Presented {
  readonly headers: IncomingHttpHeaders
  /** Whose tunnel the request came through, where its CONNECT had a token. A token of its own counts before. */
  readonly tunnelCaller?: KnownCaller | undefined
}

/** Knows callers. */
export interface Callers {
  /** A request without a token is refused. */
  readonly required: boolean
  /**
   * The caller; undefined for one that shows no token, where that is allowed.
   * @throws RefusalError 401, which names the header at fault, for a token that is unknown, expired or revoked, and for
   * none where one is needed
   */
  readonly identify: (presented: Presented) => KnownCaller | undefined
}

export type ChosenCredential =
  | { readonly credential: UpstreamCredential }
  /** Ask again when this has resolved: Twilio is about to judge a credential, or a token is on its way. */
  | { readonly ready: Promise<void> }
  /** There is none for this account, or Twilio accepts none of them. */
  | { readonly none: AccessReason, readonly retryAfterMs: number }

/** Holds Twilio's credentials. */
export interface Broker {
  /** `tried`: ids of those that Twilio has refused for this very exchange. */
  readonly choose: (exchange: Exchange, tried: ReadonlySet<string>) => ChosenCredential
  readonly close: () => void
}
