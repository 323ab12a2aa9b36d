import { isRead } from '../../twilio/methods.ts'
import type { Exchange } from '../exchange-state.ts'
import type { Attempt, AttemptResult } from '../forward/attempt.ts'

/**
 * Waits for an attempt, or for the exchange to be interrupted: a read is cut then, and comes back as
 * abandoned; a write is left to itself, since nobody can know whether cutting it would undo it. A write
 * that has not been sent yet can still be stopped.
 */
export async function awaitResult (exchange: Exchange, attempt: Attempt): Promise<AttemptResult | 'left_behind'> {
  const mayCut = (): boolean => isRead(exchange.identity.method) || !attempt.sent
  if (exchange.interruption !== undefined) return cutOrLeave()
  let leave: (value: 'left_behind') => void
  const interrupted = new Promise<'left_behind'>((resolve) => { leave = resolve })
  exchange.onInterrupt(() => {
    if (mayCut()) attempt.abort()
    else leave('left_behind')
  })
  const result = await Promise.race([attempt.result, interrupted])
  exchange.onInterrupt(undefined)
  return result

  function cutOrLeave (): Promise<AttemptResult> | 'left_behind' {
    if (!mayCut()) return 'left_behind'
    attempt.abort()
    return attempt.result
  }
}
