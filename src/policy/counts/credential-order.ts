/**
 * Which of several credentials of one account goes to Twilio next. They are in order: the first that works is used. One
 * that Twilio does not accept (401) costs one request a second from then on, until it is accepted again.
 */
import type { Standing, Verdict } from './credential-trust.ts'

/** What is known of a credential. */
export interface CredentialHealth {
  standing: Standing
  /** Requests at Twilio with it that Twilio has not answered. */
  atTwilio: number
  /** Answers with 401 since Twilio accepted it last. */
  refusals: number
  /** When one that is rejected may be tried again, milliseconds on the caller's clock. */
  tryAtMs: number
}

/** From one try of a rejected credential to the next, milliseconds. */
export const TRY_EVERY_MS = 1_000
/** Requests at once with a credential that Twilio has not judged: so many are lost if it is wrong. */
const UNTRIED_AT_ONCE = 5
/** Answers with 401 in a row after which an accepted credential is one no more: a single path may be closed to it. */
const PATIENCE = 5

export const untried = (): CredentialHealth => ({ standing: 'untried', atTwilio: 0, refusals: 0, tryAtMs: -Infinity })

export type Choice =
  | { readonly use: number }
  /** Twilio is about to judge the one that would be next: ask again then. */
  | { readonly wait: number }
  /** All are rejected; one may be tried again in so many milliseconds. */
  | { readonly rejectedForMs: number }

/** `tried`: those that this very request has been rejected with. At least one credential. */
export function chooseCredential (
  credentials: readonly CredentialHealth[],
  tried: ReadonlySet<number>,
  nowMs: number
): Choice {
  let waitsFor: number | undefined
  let tryAtMs = Infinity
  for (const [i, { standing, atTwilio, tryAtMs: atMs }] of credentials.entries()) {
    if (tried.has(i)) continue
    if (standing === 'accepted') return { use: i }
    if (standing === 'untried') {
      if (atTwilio < UNTRIED_AT_ONCE) return { use: i }
      waitsFor ??= i
    } else if (nowMs >= atMs) return { use: i }
    else tryAtMs = Math.min(tryAtMs, atMs)
  }
  return waitsFor === undefined ? { rejectedForMs: Math.max(0, tryAtMs - nowMs) } : { wait: waitsFor }
}

/** A request goes out with it. */
export function credentialSent (health: CredentialHealth, nowMs: number): void {
  health.atTwilio++
  if (health.standing === 'rejected') health.tryAtMs = nowMs + TRY_EVERY_MS
}

/** Twilio answered, or nothing came ('silent'). True when its standing has changed. */
export function credentialAnswered (health: CredentialHealth, verdict: Verdict, nowMs: number): boolean {
  health.atTwilio--
  if (verdict === 'silent') return false
  const before = health.standing
  if (verdict === 'accepted') {
    health.refusals = 0
    health.standing = 'accepted'
  } else if (++health.refusals >= PATIENCE || before === 'untried') {
    health.standing = 'rejected'
    health.tryAtMs = nowMs + TRY_EVERY_MS
  }
  return health.standing !== before
}
