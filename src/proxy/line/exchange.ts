/**
 * One request's way through the proxy:
 *
 *     identify → recognise → guard → coalesce → pace → admit → forward → observe → decide
 *              → (backoff → admit again) → reply
 *
 * identify has happened when the exchange arrives here. Each verb is a function of that name.
 */
import type { RetryDecision } from '../../policy/retry/retry-policy.ts'
import { guard, chargeIfDue, refuseIfStopped, type Guard } from '../guard/guard.ts'
import { ClientLeftError, OtherGateError } from '../errors.ts'
import type { Exchange } from '../exchange-state.ts'
import type { Gates } from '../gate/gates.ts'
import type { Permit } from '../gate/permit.ts'
import { refuseIfOver } from '../gate/waiting.ts'
import type { Pace, Pacing } from '../pacing/pacing.ts'
import type { Broker } from '../ports/access.ts'
import type { Answer, Answered } from '../reply/answers.ts'
import { keepPagesInside } from '../reply/page-urls.ts'
import { admit, refuseIfTooLate } from './admit.ts'
import { backoff } from './backoff.ts'
import { conclude, type Exit } from './conclude.ts'
import { credentialJudged, takeCredential, untilReady } from './credential.ts'
import { decide, type Deciding } from './decide.ts'
import { forward, type Sending } from './forward.ts'
import { giveUp } from './give-up.ts'
import { leaveBehind } from './leave-behind.ts'
import { discard, observe } from './observe.ts'
import { admitAtPace } from './pace.ts'
import { reply } from './reply.ts'
import { awaitResult } from './settle.ts'
import { toldAttempt, toldRetry } from './tell.ts'

/** What the line works with. One for the whole proxy. */
export interface Line extends Exit, Sending, Deciding {
  readonly guard: Guard
  readonly pacing: Pacing
  /** An API key was accepted for a path: see Accounts.learn. */
  readonly learn: (exchange: Exchange) => void
  readonly gates: Gates
  /** Absent where the proxy holds no credentials. */
  readonly broker?: Broker | undefined
}

/** With the other credential of the proxy's: Twilio has not looked at the request. */
const AT_ONCE: RetryDecision = { retry: true, delayMs: 0 }

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
  guard(exchange, line.guard)
  return await line.reads.share(exchange, () => pursue(exchange, line))
}

/** Attempt after attempt, until there is an answer or nothing more to be done. */
async function pursue (exchange: Exchange, line: Line): Promise<Answered> {
  const pace = line.pacing.of(exchange)
  const stored = pace === undefined ? undefined : await pace.open()
  // Where deferring is not set up, the open hours are why.
  if (stored !== undefined) {
    return { answer: stored, reason: stored.statusCode === 202 ? 'deferred' : 'outside_open_hours' }
  }
  // A request that gets a shared or a cached answer asks nothing of Twilio, and earns no retries.
  if (!exchange.isStranger) line.budget.deposit()
  for (let again = false; ; again = true) {
    const permit = exchange.permit = await permitFor(exchange, again, pace, line)
    refuseIfOver(exchange)
    if (pace === undefined) refuseIfTooLate(exchange, permit, line.clock.nowMs())
    refuseIfStopped(exchange, line.guard)
    chargeIfDue(exchange, line.guard)
    const ready = takeCredential(exchange, line.broker)
    if (ready !== undefined) {
      permit.giveBack()
      await untilReady(exchange, ready)
      continue
    }
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
    const triesOther = credentialJudged(exchange, seen.status, line.broker)
    if (exchange.interruption === 'client_left') {
      discard(result)
      throw new ClientLeftError()
    }
    const decision = triesOther ? AT_ONCE : decide(exchange, result, seen, line)
    if (!decision.retry) return reply(exchange, { result, seen, permit, because: decision.because }, line.learn)
    toldRetry(exchange, seen, decision.delayMs, line.emit)
    discard(result)
    // A request that waits for its pace next would only take the slot from others.
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
