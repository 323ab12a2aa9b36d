import t from 'tap'
import { createSuspicion, noteRefusal, noteStart, type Suspicion } from '../../../src/policy/limit/suspicion.ts'
import { createRandom } from '../../../src/simulator/model/random.ts'

/** Starts by weight, each refused with a probability of its route; the suspects that this made, in the order of their refusals. */
function suspects (weights: Readonly<Record<string, number>>, refusedPart: (route: string) => number, starts: number, seed = 1): string[] {
  const random = createRandom(seed, 'suspicion')
  const routes = new Map<string, Suspicion>(Object.keys(weights).map((name) => [name, createSuspicion()]))
  const found: string[] = []
  for (let number = 1; number <= starts; number++) {
    let pick = random.next()
    const [name, route] = [...routes].find(([name]) => (pick -= weights[name]!) < 0) ?? [...routes][0]!
    noteStart(route, number)
    if (random.chance(refusedPart(name)) && noteRefusal(route, routes.values(), number)) found.push(name)
  }
  return found
}

t.test('a route with a fifth of the traffic, refused now and then while others never are, is found out', async (t) => {
  const found = suspects({ good: 0.8, bad: 0.2 }, (route) => route === 'bad' ? 0.02 : 0, 20_000)
  t.ok(found.length > 50, `${found.length} of some 80 refusals`)
  t.same([...new Set(found)], ['bad'])
})

t.test('several such routes are, too', async (t) => {
  const found = suspects({ good: 0.7, bad: 0.1, worse: 0.2 }, (route) => route === 'good' ? 0.0005 : 0.05, 20_000)
  t.same([...new Set(found)].sort(), ['bad', 'worse'])
})

t.test('refusals that fall on all routes alike raise no suspicion', async (t) => {
  for (const weights of [{ one: 1 }, { most: 0.95, few: 0.05 }, { half: 0.5, other: 0.5 }, { a: 0.2, b: 0.2, c: 0.2, d: 0.2, e: 0.2 }]) {
    for (const part of [0.005, 0.3, 1]) {
      for (const seed of [1, 2, 3]) {
        const found = suspects(weights, () => part, part < 0.1 ? 50_000 : 1_000, seed)
        t.ok(found.length <= 2, `${found.length} among ${Object.keys(weights).length} routes, ${part} refused`)
      }
    }
  }
})

t.test('the only route, refused from its first request on, is no suspect', async (t) => {
  const only = createSuspicion()
  for (let number = 1; number <= 30; number++) {
    noteStart(only, number)
    t.notOk(noteRefusal(only, [only], number))
  }
})

t.test('traffic that turns from one route to another takes its refusals with it', async (t) => {
  const [before, after] = [createSuspicion(), createSuspicion()]
  for (let number = 1; number <= 2_000; number++) noteStart(before, number)
  for (let number = 2_001; number <= 2_100; number++) {
    noteStart(after, number)
    if (number % 10 === 0) t.notOk(noteRefusal(after, [before, after], number))
  }
})

t.test('a suspect that is refused no more than others is cleared', async (t) => {
  const routes = [createSuspicion(), createSuspicion()] as const
  let number = 0
  const start = (): void => { for (const route of [routes[0], routes[0], routes[0], routes[1]]) noteStart(route, ++number) }
  for (let i = 0; i < 100; i++) start()
  while (!noteRefusal(routes[1], routes, number)) start()
  for (let i = 0; i < 60; i++) {
    start()
    noteRefusal(routes[i % 4 === 3 ? 1 : 0], routes, number)
  }
  t.notOk(noteRefusal(routes[1], routes, number))
})

t.test('what fell elsewhere long ago clears nobody in advance, and what fell here long ago accuses nobody for ever', async (t) => {
  const [few, most] = [createSuspicion(), createSuspicion()]
  let number = 0
  const start = (): void => { noteStart(++number % 10 === 0 ? few : most, number) }
  const refuse = (route: Suspicion): boolean => noteRefusal(route, [few, most], number)
  for (let i = 0; i < 200; i++) start()
  for (let i = 0; i < 50; i++) refuse(most)
  const found = Array.from({ length: 8 }, () => refuse(few))
  t.ok(found.at(-1), 'eight refusals of a tenth of the traffic are enough')
  for (let i = 0; i < 100; i++) refuse(few)
  for (let i = 0; i < 30; i++) refuse(most)
  t.notOk(refuse(few), 'thirty elsewhere clear it')
})
