/**
 * One request's way through the proxy:
 *
 *     identify → recognise → authorise → coalesce → pace → admit → forward → observe → decide
 *              → (backoff → admit again) → reply
 *
 * identify has happened when the exchange arrives here. Each verb is a module of that name, but forward, decide and
 * reply, which are functions below.
 */
import type { RetryBudget } from '../../policy/retry/retry-budget.ts'
import { decideRetry, type RetryDecision, type RetryOptions } from '../../policy/retry/retry-policy.ts'
import { isRead, isReplayable } from '../../twilio/methods.ts'
import { admit, refuseIfOver, refuseIfTooLate } from './admit.ts'
import { authorise, chargeIfDue, refuseIfStopped, type Guard } from '../guard/authorise.ts'
import { backoff } from './backoff.ts'
import { withCallbackOverrides } from '../forward/callback-body.ts'
import { ClientLeftError, OtherGateError, ShedError } from '../errors.ts'
import type { Exchange } from '../exchange-state.ts'
import { Attempt, type AttemptResult } from '../forward/forward.ts'
import { conclude, type Exit } from './conclude.ts'
import { giveUp } from './give-up.ts'
import { leaveBehind } from './leave-behind.ts'
import type { Gates } from '../gate/gates.ts'
import { upstreamHeaders } from '../forward/headers.ts'
import { discard, observe, type Observation } from './observe.ts'
import { admitAtPace } from './pace.ts'
import type { Pace, Pacing } from '../pacing/pacing.ts'
import { keepPagesInside } from '../reply/page-urls.ts'
import type { Permit } from '../gate/permit.ts'
import { noAnswer, notSent, passOn, stillHolds, type Answer, type Answered } from '../reply/reply.ts'
import { awaitResult } from './settle.ts'
import { toldAttempt, toldRetry } from './tell.ts'
import type { Upstreams } from '../forward/upstreams.ts'

/** What the line works with. One for the whole proxy. */
export interface Line extends Exit {
  readonly upstreams: Pick<Upstreams, 'for' | 'bodyTimeoutMs'>
  readonly retry: RetryOptions
  readonly budget: RetryBudget
  readonly guard: Guard
  readonly pacing: Pacing
  /** Added to callback URLs that have no connection overrides; undefined where there are none to add. */
  readonly callbackFragment: string | undefined
  readonly random: () => number
  /** Notices that this process was stopped: before a connection is taken, and before a time is measured. */
  readonly awake: () => void
  /** An API key was accepted for a path: see Accounts.learn. */
  readonly learn: (exchange: Exchange) => void
  readonly gates: Gates
  /** The process has as many files and connections open as it may. */
  readonly outOfDescriptors: () => void
}

const OUT_OF_DESCRIPTORS: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE'])
const FIRST_UNSENT = { unsent: 1 } as const

/** Why no other attempt is made. */
type Because = Exclude<RetryDecision, { readonly retry: true }>['because']

/** Takes an exchange to its answer. Rejects with a ClientLeftError when nobody is left to take it. */
export async function runExchange (exchange: Exchange, line: Line): Promise<Answer> {
  exchange.startedAtMs = line.clock.nowMs()
  line.running.add(exchange)
  const ended = await run(exchange, line).catch((error: unknown) => giveUp(exchange, error, line))
  conclude(exchange, ended, line)
  if (ended.answer === undefined) throw new ClientLeftError()
  const { method, pageBase } = exchange.identity
  return pageBase === undefined ? ended.answer : keepPagesInside(ended.answer, method, pageBase)
}

async function run (exchange: Exchange, line: Line): Promise<Answered> {
  line.gates.place(exchange)
  line.repeats.recognise(exchange)
  authorise(exchange, line.guard)
  return await line.reads.share(exchange, () => pursue(exchange, line))
}

/** Attempt after attempt, until there is an answer or nothing more to be done. */
async function pursue (exchange: Exchange, line: Line): Promise<Answered> {
  const pace = line.pacing.of(exchange)
  const kept = pace === undefined ? undefined : await pace.open()
  // Where deferring is not set up, the closed window is why.
  if (kept !== undefined) return { answer: kept, reason: kept.statusCode === 202 ? 'deferred' : 'window_closed' }
  // What is given a shared or a kept answer asks nothing of Twilio, and earns no retries.
  if (!exchange.isStranger) line.budget.deposit()
  for (let again = false; ; again = true) {
    const permit = exchange.permit = await permitFor(exchange, again, pace, line)
    refuseIfOver(exchange)
    if (pace === undefined) refuseIfTooLate(exchange, permit, line.clock.nowMs())
    refuseIfStopped(exchange, line.guard)
    chargeIfDue(exchange, line.guard)
    const attempt = exchange.attempt = forward(exchange, line, exchange.isStranger ? undefined : pace?.sent)
    const result = await awaitResult(exchange, attempt)
    exchange.attempt = undefined
    line.awake()
    if (result === 'left_behind') return leaveBehind(exchange, permit, attempt, line)
    const seen = observe(result, permit, line.clock.epochMs())
    exchange.attemptEnded(attempt, seen.feedback)
    line.gates.heard(exchange, seen.status)
    toldAttempt(exchange, attempt, seen, line.emit)
    exchange.charge?.attempted(seen.outcome)
    if (exchange.interruption === 'client_left') {
      discard(result)
      throw new ClientLeftError()
    }
    const decision = decide(exchange, result, seen, line)
    if (!decision.retry) return reply(exchange, permit, result, seen, decision.because, line)
    toldRetry(exchange, seen, decision.delayMs, line.emit)
    discard(result)
    // Whoever waits for its pace next would only keep the slot from others.
    await backoff(exchange, permit, seen.holds && pace?.isPaced !== true, decision.delayMs, line.clock)
  }
}

/**
 * From the gate where it belongs, which may change while it waits. A stranger takes no turn of an account's pace: its
 * own gate is slow enough.
 */
async function permitFor (exchange: Exchange, again: boolean, pace: Pace | undefined, line: Line): Promise<Permit> {
  for (;;) {
    line.gates.place(exchange)
    exchange.asksForPermit = true
    try {
      return pace === undefined || exchange.isStranger
        ? await admit(exchange, again)
        : await admitAtPace(exchange, again, pace, line.clock)
    } catch (error) {
      if (!(error instanceof OtherGateError)) throw error
    } finally {
      exchange.asksForPermit = false
    }
  }
}

function forward (exchange: Exchange, line: Line, onSent: (() => void) | undefined): Attempt {
  const { identity } = exchange
  exchange.attempts++
  line.awake()
  return new Attempt({
    dispatcher: line.upstreams.for(identity.upstream.host),
    method: identity.method,
    path: identity.path,
    headers: upstreamHeaders(identity.rawHeaders, identity.upstream.host, exchange.kept?.etag),
    body: withCallbackOverrides(exchange, line.callbackFragment),
    unreadMs: line.upstreams.bodyTimeoutMs,
    onSent
  }, line.clock)
}

function decide (exchange: Exchange, result: AttemptResult, seen: Observation, line: Line): RetryDecision {
  if (seen.fate === 'throttled') exchange.throttled++
  else if (seen.fate === 'failed') exchange.failed++
  else if (seen.outcome === 'unsent') exchange.unsent++
  const isShort = result.kind === 'failure' && OUT_OF_DESCRIPTORS.has(result.code)
  if (isShort) line.outOfDescriptors()
  return decideRetry(line.retry, {
    fate: seen.fate,
    // That says nothing of Twilio: it is tried again as long as there is time.
    soFar: isShort ? { ...FIRST_UNSENT, throttled: exchange.throttled, failed: exchange.failed } : exchange,
    replayable: isReplayable(exchange.identity.method),
    remainingMs: exchange.latestStartMs - line.clock.nowMs(),
    retryAfterMs: seen.feedback.retryAfterMs,
    // Strangers neither earn retries nor spend what others have earned.
    withdraw: () => !exchange.isStranger && line.budget.withdraw(),
    chance: line.random()
  })
}

function reply (
  exchange: Exchange,
  permit: Permit,
  result: AttemptResult,
  seen: Observation,
  because: Because,
  line: Line
): Answered {
  if (result.kind === 'failure') {
    // The deadline came while we were still connecting.
    if (seen.fate === 'abandoned' && !result.sent) throw new ShedError('deadline', exchange.gate.retryAfterMs(exchange))
    exchange.errorCode = result.code
    if (seen.outcome === 'unsent') return { answer: notSent(result.code, exchange), reason: 'unsent' }
    return { answer: noAnswer(seen.outcome !== 'reset', exchange), reason: because }
  }
  if (!Buffer.isBuffer(result.body)) {
    // Twilio counts it until its body is read: the permit is the body's from here on.
    exchange.permit = undefined
    void result.bodyDone.then(() => permit.end())
  }
  if (seen.status < 300) line.learn(exchange)
  if (seen.status === 304 && exchange.kept !== undefined) {
    return { answer: stillHolds(result, exchange.kept, exchange), reason: 'revalidated' }
  }
  return { answer: passOn(result, exchange), reason: reasonOf(exchange, seen, because) }
}

function reasonOf ({ identity }: Exchange, { outcome }: Observation, because: Because): Because | 'server_error' {
  if (outcome !== 'server_error' || because !== 'answered') return because
  return isRead(identity.method) ? 'server_error' : 'outcome_unknown'
}
