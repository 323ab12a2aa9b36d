import type { AccessReason, GuardReason, RefusalReason, ShedReason } from './reasons.ts'

/** The gate shed the request: it was never sent. */
export class ShedError extends Error {
  readonly reason: ShedReason
  /** When it is worth coming back, milliseconds from now, from the drain rate. */
  readonly retryAfterMs: number

  constructor (reason: ShedReason, retryAfterMs: number) {
    super(reason)
    this.name = 'ShedError'
    this.reason = reason
    this.retryAfterMs = retryAfterMs
  }
}

/**
 * It waits at the wrong gate: what is known of its credential has changed. It asks again, and no client hears of it.
 */
export class OtherGateError extends Error {
  constructor () {
    super('another gate')
    this.name = 'OtherGateError'
  }
}

/** The client left before its answer; nobody is there to be told. */
export class ClientLeftError extends Error {
  constructor () {
    super('the client left')
    this.name = 'ClientLeftError'
  }
}

/** A create that repeats one whose outcome nobody knows, or is known to have been processed. */
export class DuplicateError extends Error {
  readonly wasProcessed: boolean
  /** How long ago the first one was answered, milliseconds. */
  readonly agoMs: number

  constructor (wasProcessed: boolean, agoMs: number) {
    super('duplicate')
    this.name = 'DuplicateError'
    this.wasProcessed = wasProcessed
    this.agoMs = agoMs
  }
}

/** The proxy has no credential that Twilio accepts for the account. */
export class AccessError extends Error {
  readonly reason: AccessReason
  /** When one is tried again, milliseconds from now. */
  readonly retryAfterMs: number

  constructor (reason: AccessReason, retryAfterMs: number) {
    super(reason)
    this.name = 'AccessError'
    this.reason = reason
    this.retryAfterMs = retryAfterMs
  }
}

/** A spend cap has no room for it, or a kill switch is on. The sentence is for the client and names no destination. */
export class GuardError extends Error {
  readonly reason: GuardReason
  /** When there is room again, milliseconds from now; Infinity where that is not known. */
  readonly retryAfterMs: number

  constructor (reason: GuardReason, sentence: string, retryAfterMs = Infinity) {
    super(sentence)
    this.name = 'GuardError'
    this.reason = reason
    this.retryAfterMs = retryAfterMs
  }
}

/**
 * A request that is refused before it becomes an exchange. The message is for the client and holds nothing personal.
 */
export class RefusalError extends Error {
  readonly statusCode: number
  readonly twilioCode: number
  readonly reason: RefusalReason

  constructor (statusCode: number, twilioCode: number, reason: RefusalReason, message: string) {
    super(message)
    this.name = 'RefusalError'
    this.statusCode = statusCode
    this.twilioCode = twilioCode
    this.reason = reason
  }
}

/** The sentence that a shed request gets, by reason. The answer adds what became of its attempts. */
export const SHED_MESSAGES: Readonly<Record<ShedReason, string>> = {
  queue_full: 'Too many requests: the queue of this account is full.',
  queue_bytes: 'Too many requests: the bodies of waiting requests fill the memory that body.maxWaitingBytes allows.',
  deadline: 'Too many requests: the deadline passed before the proxy could send this one.',
  deadline_unreachable: 'Too many requests: at the present rate this request cannot start before its deadline.',
  draining: 'The proxy is shutting down.',
  outside_open_hours: 'Too many requests: the open hours of its rule do not begin before the deadline of this one.',
  deferral_full: 'Too many requests: the proxy already stores as many deletes as deferral.max allows.'
}
