import type { CallerLine } from '../../src/policy/queue/caller-line.ts'
import type { Fifo } from '../../src/policy/queue/fifo.ts'
import type { Entry } from '../../src/proxy/gate/gate.ts'
import type { Permit } from '../../src/proxy/gate/permit.ts'
import { TRAFFIC_CLASSES } from '../../src/twilio/types.ts'

const WAITS_MS = 3_600_000

/** Whoever asks the gate for a permit, with what the gate needs to know and nothing else. */
export class Visitor implements Entry {
  readonly class
  readonly caller: string
  readonly route = 'POST /2010-04-01/Accounts/{sid}/Messages.json'
  readonly order: number
  readonly expiresAtMs: number
  readonly bodyBytes = 1000
  readonly throttled = 0
  waitingSinceMs = 0
  queueMs = 0
  granted: ((permit: Permit) => void) | undefined
  refused: ((error: Error) => void) | undefined
  previous: Entry | undefined
  next: Entry | undefined
  list: Fifo<Entry> | undefined
  line: CallerLine<Entry> | undefined
  older: Entry | undefined
  younger: Entry | undefined
  heapIndex = -1

  /** Classes take turns, and deadlines fall in no order of arrival. */
  constructor (order: number, nowMs: number, caller = '127.0.0.1') {
    this.order = order
    this.caller = caller
    this.class = TRAFFIC_CLASSES[order % TRAFFIC_CLASSES.length] ?? 'standard'
    this.expiresAtMs = nowMs + WAITS_MS + (order * 7919) % 60_000
  }
}
