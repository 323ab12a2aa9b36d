import { FairQueue, type Waiting } from '../../src/policy/fair-queue.ts'

export const WEIGHTS = { critical: 8, standard: 4, read: 2, bulk: 1 } as const
export type Name = keyof typeof WEIGHTS
export const NAMES = Object.keys(WEIGHTS) as Name[]

export interface Waiter extends Waiting<Name, Waiter> {
  readonly order: number
}

export type Queue = FairQueue<Name, Waiter>

export const createQueue = (weights: Readonly<Record<Name, number>> = WEIGHTS): Queue => new FairQueue(weights)

export const waiter = (order: number, name: Name = 'standard', route = 'free'): Waiter =>
  ({ order, class: name, route, list: undefined, previous: undefined, next: undefined })

/** What the gate does for a free slot: whoever waits for a route that is ready is called back, then the next is taken. */
export function serve (queue: Queue, isReady: (route: string) => boolean): Waiter | undefined {
  for (const route of queue.parkedRoutes()) if (isReady(route)) queue.unpark(route)
  return queue.take(isReady)
}

export const always = (): boolean => true
