import { limitOf } from './algorithm.ts'
import type { Limit, LimitReason, Refusal, Ticket } from './limit.ts'

/**
 * Additive increase, multiplicative decrease: `W += 1 / W` for an answer that came while the window
 * was full, `W *= 0.9` for the first refusal of a flight. The rule of TCP Reno with a gentler cut;
 * it takes every 429 for the account's, so a route with a limit of its own starves all the others.
 */
export interface AimdOptions {
  /** Where it starts, slots. */
  readonly initial: number
  readonly min: number
  readonly max: number
}

/** What a refusal leaves of the window: the loss in steady state is about a quarter of the cut. */
const BACKOFF_RATIO = 0.9

export function createAimd (options: AimdOptions): Limit {
  let window = options.initial
  let cutAtMs = -Infinity
  const slots = (): number => Math.max(1, Math.round(window))

  function admitted (ticket: Ticket): LimitReason {
    if (!ticket.full || ticket.paced) return 'not_full'
    window = Math.min(options.max, window + 1 / window)
    return 'probe'
  }

  function refused (ticket: Ticket, _feedback: unknown, nowMs: number): Refusal {
    if (ticket.sentAtMs <= cutAtMs) return { by: 'account', reason: 'same_flight', holds: true }
    window = Math.max(options.min, window * BACKOFF_RATIO)
    cutAtMs = nowMs
    return { by: 'account', reason: 'cut', holds: true }
  }

  return limitOf({ algorithm: 'aimd', slots, admitted, refused, settled: () => cutAtMs > -Infinity })
}
