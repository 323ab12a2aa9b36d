import type { ShareOptions } from '../../../src/policy/queue/class-weights.ts'
import { FairQueue, type Waiting } from '../../../src/policy/queue/fair-queue.ts'

export const WEIGHTS = { critical: 8, standard: 4, read: 2, bulk: 1 } as const
export type Name = keyof typeof WEIGHTS
export const NAMES = Object.keys(WEIGHTS) as Name[]

export interface Waiter extends Waiting<Name, Waiter> {
  readonly order: number
}

export type Queue = FairQueue<Name, Waiter>

/** Ageing only where a test is about it. */
export const createQueue = (weights: Readonly<Record<Name, number>> = WEIGHTS, shares: Partial<ShareOptions> = {}): Queue =>
  new FairQueue(weights, { ageingMs: 0, minShare: 0, ...shares })

export const waiter = (order: number, name: Name = 'standard', route = 'free', caller = 'one', waitingSinceMs = 0): Waiter => ({
  order,
  class: name,
  route,
  caller,
  waitingSinceMs,
  list: undefined,
  line: undefined,
  previous: undefined,
  next: undefined,
  older: undefined,
  younger: undefined
})

/** What the gate does for a free slot: whoever waits for a route that is ready is called back, then the next is taken. */
export function serve (queue: Queue, isReady: (route: string) => boolean, nowMs = 0): Waiter | undefined {
  for (const route of queue.parkedRoutes()) if (isReady(route)) queue.unpark(route)
  return queue.take(isReady, nowMs)
}

export const always = (): boolean => true
