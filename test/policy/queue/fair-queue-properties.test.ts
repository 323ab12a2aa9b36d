import t from 'tap'
import type { Place } from '../../../src/policy/queue/caller-line.ts'
import { always, createQueue, NAMES, serve, waiter, type Name, type Queue, type Waiter } from './queueing.ts'
import { fc } from '../seeded.ts'

const name = fc.constantFrom(...NAMES)
const weights = fc.record({ critical: fc.integer({ min: 1, max: 20 }), standard: fc.integer({ min: 1, max: 20 }), read: fc.integer({ min: 1, max: 20 }), bulk: fc.integer({ min: 1, max: 20 }) })
/** Most routes are free; `slow` and `slower` have a pace, and each class has its own of them. */
const route = fc.constantFrom('free', 'free', 'slow', 'slower')
const CALLERS = ['one', 'two', 'three']
const caller = fc.constantFrom(...CALLERS)
const step = fc.record({
  kind: fc.constantFrom('arrive', 'arrive', 'arrive', 'serve', 'serve', 'retry', 'leave', 'ready'),
  name,
  route,
  caller,
  pick: fc.nat()
})
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** Plays the steps to a queue and to a plain list, and says what is wrong at the first difference. */
class Play {
  readonly queue: Queue
  readonly waiting: Waiter[] = []
  /** Taken ones, which may come back as retries. */
  readonly started: Waiter[] = []
  readonly #ready = new Set<string>()
  readonly #retried = new Set<Waiter>()
  readonly isReady = (route: string): boolean => route.endsWith('free') || this.#ready.has(route)
  #arrivals = 0

  constructor (queue: Queue) { this.queue = queue }

  step ({ kind, name, route, caller, pick }: Step): string | undefined {
    if (kind === 'arrive') {
      this.#join(waiter(this.#arrivals++, name, `${name} ${route}`, caller), 'end')
    } else if (kind === 'retry' && this.started.length > 0) {
      const [again] = this.started.splice(pick % this.started.length, 1)
      this.#retried.add(again!)
      this.#join(again!, pick % 2 === 0 ? 'front' : 'turns')
    } else if (kind === 'leave' && this.waiting.length > 0) {
      const [left] = this.waiting.splice(pick % this.waiting.length, 1)
      this.queue.remove(left!)
    } else if (kind === 'ready') {
      this.#ready.add(`${name} ${route}`)
    } else if (kind === 'serve') {
      return this.#serve() ?? this.#counted()
    }
    return this.#counted()
  }

  #join (joined: Waiter, place: Place): void {
    this.waiting.push(joined)
    this.queue.add(joined, place)
  }

  #serve (): string | undefined {
    const next = serve(this.queue, this.isReady)
    if (next === undefined) return this.waiting.some(({ route }) => this.isReady(route)) ? 'somebody could have been served' : undefined
    const at = this.waiting.indexOf(next)
    if (at < 0) return 'served twice, or never waited'
    if (!this.isReady(next.route)) return 'served while its route was not ready'
    this.waiting.splice(at, 1)
    this.#ready.delete(next.route)
    this.started.push(next)
    // Retries come back when their backoff ends: they have no place among those who never left.
    if (this.#retried.has(next)) return undefined
    const overtaken = this.waiting.find((other) => other.route === next.route && other.caller === next.caller && other.order < next.order && !this.#retried.has(other))
    if (overtaken !== undefined) return `${next.order} overtook ${overtaken.order}`
    return undefined
  }

  #counted (): string | undefined {
    if (this.queue.size !== this.waiting.length) return 'lost or doubled'
    if (NAMES.some((each) => this.queue.count(each) !== this.waiting.filter((other) => other.class === each).length)) return 'miscounted'
    if (this.queue.callers !== new Set(this.waiting.map(({ caller }) => caller)).size) return 'miscounted callers'
    return this.#yields()
  }

  /** Whoever has to make room for a newcomer of the most urgent class and another caller, found by looking at all. */
  #yields (): string | undefined {
    const yielding = this.queue.yielding('critical', 'none')
    const able = this.waiting.filter((each) => !this.#retried.has(each))
    const least = NAMES.toReversed().find((each) => able.some((other) => other.class === each))
    const of = (caller: string): Waiter[] => able.filter((each) => each.class === least && each.caller === caller)
    const counted = (caller: string): number => this.waiting.filter((each) => each.class === least && each.caller === caller).length
    const most = Math.max(0, ...able.filter((each) => each.class === least).map((each) => counted(each.caller)))
    if (yielding === undefined) return least === undefined || (least === 'critical' && most <= 1) ? undefined : 'nobody made room'
    if (yielding.class !== least || counted(yielding.caller) !== most) return 'the wrong class or caller made room'
    return of(yielding.caller).some(({ order }) => order > yielding.order) ? 'an older one made room' : undefined
  }
}

function played (steps: readonly Step[], queue = createQueue()): Play {
  const play = new Play(queue)
  for (const [i, each] of steps.entries()) {
    const fault = play.step(each)
    if (fault !== undefined) throw new Error(`step ${i}: ${fault}`)
  }
  return play
}

t.test('nothing is lost, nothing comes twice, nobody is overtaken by its own caller in its class and route, and who could be served is', async () => {
  fc.assert(fc.property(weights, fc.array(step, { maxLength: 200, size: 'max' }), (shares, steps) => {
    const play = played(steps, createQueue(shares))
    let rest = 0
    while (serve(play.queue, always) !== undefined) rest++
    return rest === play.waiting.length && play.queue.size === 0
  }), { numRuns: 300 })
})

t.test('over a long run every class gets its share to within a few starts', async () => {
  fc.assert(fc.property(weights, fc.integer({ min: 100, max: 1_500 }), (shares, starts) => {
    const queue = createQueue(shares)
    const counts = { critical: 0, standard: 0, read: 0, bulk: 0 }
    for (const each of NAMES) for (let i = 0; i < 2_000; i++) queue.add(waiter(i, each), 'end')
    for (let i = 0; i < starts; i++) counts[queue.take(always, 0)!.class]++
    const total = NAMES.reduce((sum, each) => sum + shares[each], 0)
    return NAMES.every((each) => Math.abs(counts[each] - starts * shares[each] / total) <= NAMES.length)
  }), { numRuns: 50 })
})

t.test('no class and no caller starves: whoever heads the line of its caller is served within a round of weights for each caller, whatever happened before', async () => {
  fc.assert(fc.property(weights, fc.array(step, { maxLength: 100 }), name, (shares, steps, own) => {
    const { queue } = played(steps, createQueue(shares))
    const first = waiter(-1, own)
    queue.add(first, 'front')
    for (const each of NAMES) for (let i = 0; i < 200; i++) queue.add(waiter(1_000 + i, each, 'free', CALLERS[i % CALLERS.length]), 'end')
    const round = NAMES.reduce((sum, each) => sum + Math.ceil(shares[each] / shares[own]) + 1, 0)
    for (let i = 0; i < CALLERS.length * round; i++) if (queue.take(always, 0) === first) return true
    return false
  }))
})

/** A minute's worth of ages, and weights as far apart as they may be. */
const apart = fc.record({ critical: fc.integer({ min: 1, max: 1000 }), standard: fc.integer({ min: 1, max: 1000 }), read: fc.integer({ min: 1, max: 1000 }), bulk: fc.integer({ min: 1, max: 1000 }) })
const ages = fc.tuple(...NAMES.map(() => fc.integer({ min: 0, max: 60_000 })))

t.test('with ageing, each class still gets the least share, the heaviest its whole, and callers equal parts', async () => {
  const minShare = fc.double({ min: 0, max: 0.25, noNaN: true })
  fc.assert(fc.property(apart, ages, minShare, fc.integer({ min: 1, max: 30_000 }), (shares, ages, minShare, ageingMs) => {
    const queue = createQueue(shares, { ageingMs, minShare })
    const starts = 600
    for (const [i, each] of NAMES.entries()) for (let k = 0; k < 700; k++) queue.add(waiter(k, each, 'free', CALLERS[k % 2], 60_000 - (k % 3 === 0 ? ages[i]! : 0)), 'end')
    const counts = new Map<string, number>()
    for (let i = 0; i < starts; i++) {
      const { class: name, caller } = queue.take(always, 60_000)!
      counts.set(`${name} ${caller}`, (counts.get(`${name} ${caller}`) ?? 0) + 1)
    }
    const of = (name: string, caller: string): number => counts.get(`${name} ${caller}`) ?? 0
    const got = NAMES.map((each) => of(each, 'one') + of(each, 'two'))
    const total = NAMES.reduce((sum, each) => sum + shares[each], 0)
    const heaviest = Math.max(...Object.values(shares))
    return NAMES.every((each, i) => got[i]! >= minShare * starts - NAMES.length &&
      (shares[each] < heaviest || got[i]! >= Math.min(heaviest / total, 1 - 3 * minShare) * starts - NAMES.length) &&
      Math.abs(of(each, 'one') - of(each, 'two')) <= 1)
  }), { numRuns: 100 })
})

function startsBefore (queue: Queue, newcomer: Waiter): number {
  queue.add(newcomer, 'end')
  for (let starts = 0; ; starts++) {
    const next = serve(queue, always)
    if (next === newcomer) return starts
    if (next === undefined) throw new Error('the newcomer was lost')
  }
}

t.test('as many starts as are foretold, or fewer, come before a newcomer when nobody else comes', async () => {
  fc.assert(fc.property(weights, fc.array(step, { maxLength: 120, size: 'max' }), name, caller, (shares, steps, own, caller) => {
    const { queue } = played(steps, createQueue(shares))
    const foretold = queue.ahead(own, caller, 0)
    return foretold <= queue.size && startsBefore(queue, waiter(1_000, own, 'free', caller)) <= foretold
  }), { numRuns: 500 })
})

t.test('while nobody waits for a pace, the foretold number errs by one start of each class at most', async () => {
  const free = fc.array(step.map((each) => ({ ...each, route: 'free' as const })), { maxLength: 120, size: 'max' })
  fc.assert(fc.property(weights, free, name, caller, (shares, steps, own, caller) => {
    const { queue } = played(steps, createQueue(shares))
    const foretold = queue.ahead(own, caller, 0)
    return foretold - startsBefore(queue, waiter(1_000, own, 'free', caller)) < NAMES.length
  }), { numRuns: 300 })
})

t.test('a newcomer to an empty queue has nobody ahead', async (t) => {
  const queue = createQueue()
  t.same(NAMES.map((each: Name) => queue.ahead(each, 'one', 0)), [0, 0, 0, 0])
})
