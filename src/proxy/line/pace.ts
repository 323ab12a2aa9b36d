import { admit, refuseIfTooLate } from './admit.ts'
import type { Clock } from '../ports/clock.ts'
import type { Exchange } from '../exchange-state.ts'
import type { Pace } from '../pacing/pacing.ts'
import type { Permit } from '../gate/permit.ts'
import { pause, refuseIfOver } from '../gate/waiting.ts'

/**
 * Permission of the pacing rules, then a permit of the gate. Who has waited for a pace goes to the front of its class,
 * so that the gate does not bunch up what was spread; what it delays all the same waits a little longer, without a
 * slot.
 */
export async function admitAtPace (exchange: Exchange, again: boolean, pace: Pace, clock: Clock): Promise<Permit> {
  refuseIfOver(exchange)
  await pace.permission(again)
  for (;;) {
    const permit = await admit(exchange, again || pace.isPaced)
    refuseIfTooLate(exchange, permit, clock.nowMs())
    const { restMs } = pace
    try {
      pace.refuseIfClosed()
    } catch (error) {
      permit.giveBack()
      throw error
    }
    if (restMs === 0 || exchange.interruption !== undefined) {
      pace.started()
      return permit
    }
    permit.giveBack()
    const sinceMs = clock.nowMs()
    await pause(exchange, restMs, clock)
    exchange.paceMs += clock.nowMs() - sinceMs
  }
}
