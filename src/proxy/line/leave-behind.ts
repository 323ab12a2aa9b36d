import { ClientLeftError } from '../errors.ts'
import type { Exchange } from '../exchange-state.ts'
import type { Attempt } from '../forward/attempt.ts'
import type { Gates } from '../gate/gates.ts'
import type { Permit } from '../gate/permit.ts'
import type { Coalescing } from '../reads/coalesce.ts'
import type { Repeats } from '../repeats/repeats.ts'
import { noAnswer, type Answered } from '../reply/answers.ts'
import { discard, observe } from './observe.ts'
import { toldAttempt, toldLateOutcome, type Telling } from './tell.ts'

/** Who wants to know how a write ended that nobody waits for. */
export interface LateListeners extends Telling {
  readonly gates: Gates
  readonly reads: Coalescing
  readonly repeats: Repeats
}

/**
 * A write whose client left or whose deadline passed is never cut: it may be a call that is ringing. It owns its permit
 * and its charge from here on, until Twilio answers or its connection ends, and tells then what became of it.
 */
export function leaveBehind (exchange: Exchange, permit: Permit, attempt: Attempt, line: LateListeners): Answered {
  permit.keep()
  exchange.upstreamMs += line.clock.nowMs() - attempt.sentAtMs
  const left = exchange.interruption === 'client_left'
  const answer = noAnswer(true, exchange)
  const settle = line.repeats.leaveBehind(exchange, left ? 0 : answer.statusCode)
  const { charge, credential } = exchange
  exchange.permit = exchange.charge = exchange.credential = undefined
  void attempt.result.then((result) => {
    const seen = observe(result, permit, line.clock.epochMs())
    discard(result)
    permit.end()
    line.gates.heard(exchange, seen.status)
    toldAttempt(exchange, attempt, seen, line.emit)
    toldLateOutcome(exchange, seen, line.emit)
    settle(seen.outcome)
    charge?.attempted(seen.outcome)
    charge?.end()
    credential?.answered(seen.status)
    line.reads.written(exchange)
  })
  if (left) throw new ClientLeftError()
  return { answer, reason: 'outcome_unknown' }
}
