/** Who asks: the caller that a token of the proxy's belongs to. */
import type { IncomingHttpHeaders } from 'node:http'
import { RefusalError } from '../proxy/errors.ts'
import type { Callers, KnownCaller, Presented } from '../proxy/ports/access.ts'
import type { Clock, Timer } from '../proxy/ports/clock.ts'
import { TWILIO_CODES } from '../twilio/bodies/error-body.ts'
import { digestOf, looksLikeToken } from './token.ts'
import { parseTokens, type TokenRecord } from './token-file.ts'
import { readSmallFile } from '../storage/file.ts'

export interface CallerOptions {
  /** A caller without a token is refused. */
  readonly required: boolean
  readonly tokensFile: string
  readonly named: Readonly<Record<string, { readonly credentials?: 'broker' | 'own', readonly account?: string }>>
}

export interface CallersContext {
  readonly clock: Clock
  /** The file cannot be read any more, or holds something else: what was read before stays. */
  readonly warn: (fault: string) => void
}

interface Token {
  readonly caller: KnownCaller
  readonly expiresAtMs: number
  readonly isRevoked: boolean
}

/** How often the file is looked at, milliseconds: a token is revoked within a second. */
const LOOK_EVERY_MS = 500
const SOURCES = ['governor-token', 'proxy-authorization', 'authorization'] as const
const SHOWN = {
  'governor-token': 'Governor-Token', 'proxy-authorization': 'Proxy-Authorization', authorization: 'Authorization'
}

export class TokenCallers implements Callers {
  readonly required: boolean
  readonly #options: CallerOptions
  readonly #context: CallersContext
  /** By digest. */
  #tokens: ReadonlyMap<string, Token> = new Map()
  #text: string | undefined
  #fault: string | undefined
  #timer: Timer | undefined
  #closed = false

  constructor (options: CallerOptions, context: CallersContext) {
    this.required = options.required
    this.#options = options
    this.#context = context
  }

  /** Reads the file once, and from then on looks whether it was replaced. */
  async open (): Promise<void> {
    await this.#look()
  }

  close (): void {
    this.#closed = true
    if (this.#timer !== undefined) this.#context.clock.clearTimer(this.#timer)
  }

  readonly identify = ({ headers, tunnelCaller }: Presented): KnownCaller | undefined => {
    let found: { readonly token: string, readonly source: typeof SOURCES[number] } | undefined
    for (const source of SOURCES) {
      const token = tokenIn(headers, source)
      if (token === undefined) {
        if (source !== 'governor-token' || headers[source] === undefined) continue
        throw refusal('Header Governor-Token: its value is no token of this proxy.')
      }
      if (found !== undefined && found.token !== token) {
        throw refusal(`Headers ${SHOWN[found.source]} and ${SHOWN[source]} have two different tokens.`)
      }
      found ??= { token, source }
    }
    if (found === undefined) {
      if (tunnelCaller !== undefined) return tunnelCaller
      if (!this.required) return undefined
      throw refusal('This proxy needs a token: as the password of the account SID, or in the header Governor-Token.')
    }
    const known = this.#tokens.get(digestOf(found.token))
    if (known === undefined) throw refusal(`Header ${SHOWN[found.source]}: the proxy does not know its token.`)
    if (known.isRevoked) throw refusal(`Header ${SHOWN[found.source]}: its token was revoked.`)
    if (this.#context.clock.epochMs() >= known.expiresAtMs) throw refusal(`Header ${SHOWN[found.source]}: its token has expired.`)
    const { caller } = known
    if (caller.credentials === 'own' && tokenIn(headers, 'authorization') !== undefined) {
      throw refusal(`Caller ${caller.name} sends a Twilio credential of its own: its token belongs into the header Governor-Token.`)
    }
    return caller
  }

  async #look (): Promise<void> {
    const read = await readSmallFile(this.#options.tokensFile)
    if (read !== undefined && 'text' in read) this.#take(read.text)
    else if (read !== undefined) this.#complain(read.fault)
    // A file that is gone says that no token counts any more; at a start, that there are none yet.
    else this.#take(undefined)
    if (!this.#closed) this.#timer = this.#context.clock.setTimer(() => { void this.#look() }, LOOK_EVERY_MS)
  }

  #take (text: string | undefined): void {
    if (text === this.#text) return
    try {
      const records = text === undefined ? [] : parseTokens(text, this.#options.tokensFile)
      this.#tokens = new Map(records.map((record) => [record.sha256, this.#tokenOf(record)]))
      this.#text = text
      this.#fault = undefined
    } catch (error) {
      this.#complain(error instanceof Error ? error.message : 'unknown')
    }
  }

  #complain (fault: string): void {
    if (fault !== this.#fault) this.#context.warn(fault)
    this.#fault = fault
  }

  #tokenOf ({ caller, expiresAt, revokedAt }: TokenRecord): Token {
    const { credentials = 'broker', account } = this.#options.named[caller] ?? {}
    return {
      caller: { name: caller, credentials, account },
      expiresAtMs: expiresAt === null ? Infinity : Date.parse(expiresAt),
      isRevoked: revokedAt !== null
    }
  }
}

/** The token in a header; undefined where it has something else. */
function tokenIn (headers: IncomingHttpHeaders, source: typeof SOURCES[number]): string | undefined {
  const value = headers[source]
  if (typeof value !== 'string') return undefined
  const [, scheme, rest = ''] = /^[ \t]*([A-Za-z]+)[ \t]+(\S+)[ \t]*$/.exec(value) ?? []
  const token = scheme === undefined ? value.trim() : scheme.toLowerCase() === 'basic' ? passwordIn(rest) : rest
  return looksLikeToken(token) ? token : undefined
}

function passwordIn (base64: string): string {
  const pair = Buffer.from(base64, 'base64').toString('latin1')
  return pair.slice(pair.indexOf(':') + 1).trim()
}

function refusal (sentence: string): RefusalError {
  return new RefusalError(401, TWILIO_CODES.unauthenticated, 'unknown_caller', `${sentence} Nothing was sent to Twilio.`)
}
