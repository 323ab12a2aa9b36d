import { createCeiling } from '../../../src/policy/limit/ceiling.ts'
import type { CeilingOptions } from '../../../src/policy/limit/ceiling-window.ts'
import type { Limit, LimitReason, Refusal, Ticket } from '../../../src/policy/limit/limit.ts'

interface Start {
  readonly route?: string
  /** Itself included; a full window unless told otherwise. */
  readonly inflight?: number
  readonly held?: number
}

/** Plays requests and answers to a limit, on a clock that only moves when told to. */
export class Drive {
  readonly limit: Limit
  nowMs = 1_000

  constructor (limit: Limit) { this.limit = limit }

  get slots (): number { return this.limit.slots() }

  wait (ms: number): void { this.nowMs += ms }

  send ({ route = 'free', inflight = this.slots, held = 0 }: Start = {}): Ticket {
    return this.limit.start(route, inflight, held, this.nowMs)
  }

  admit (ticket: Ticket, concurrency?: number, durationMs?: number): LimitReason {
    return this.limit.admitted(ticket, { concurrency, durationMs }, this.nowMs)
  }

  refuse (ticket: Ticket, concurrency?: number, durationMs?: number): Refusal {
    return this.limit.refused(ticket, { concurrency, durationMs }, this.nowMs)
  }

  /** A moment later a request, its 100 ms at Twilio, and the answer. */
  admitted (start: Start, concurrency?: number): LimitReason {
    this.wait(1)
    const ticket = this.send(start)
    this.wait(100)
    return this.admit(ticket, concurrency, 100)
  }

  /** A moment later a request, and its refusal 10 ms after that. */
  refused (start: Start, concurrency?: number): Refusal {
    this.wait(1)
    const ticket = this.send(start)
    this.wait(10)
    return this.refuse(ticket, concurrency, 2)
  }
}

export const ceilingOptions: CeilingOptions = { initial: 10, min: 1, max: 10_000, probe: 1 }

export function driveCeiling (options: Partial<CeilingOptions> = {}): Drive {
  return new Drive(createCeiling({ ...ceilingOptions, ...options }))
}

/** A limit of 100 slots that knows a route `slow` to have a limit of its own, and a ceiling of 120 to be the account's. */
export function withPacedRoute (): Drive {
  const drive = driveCeiling({ initial: 100 })
  for (let i = 0; i < 10; i++) drive.admitted({ inflight: 2 }, 60)
  for (let i = 0; i < 10; i++) drive.admitted({ route: 'slow', inflight: 2 }, 60)
  drive.refused({ inflight: 60 }, 120)
  while (drive.limit.pacePerSecond('slow') === 0) {
    drive.admitted({ inflight: 2 }, 60)
    drive.refused({ route: 'slow', inflight: 2 }, 30)
  }
  return drive
}
