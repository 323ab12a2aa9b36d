import t from 'tap'
import { ClientLeftError, ShedError } from '../../../src/proxy/errors.ts'
import type { Exchange, Interruption, Reaction } from '../../../src/proxy/exchange-state.ts'
import { Flight } from '../../../src/proxy/reads/flight.ts'
import type { Answer } from '../../../src/proxy/reply/answers.ts'
import { FakeClock, promisesSettle } from '../../support/fake-clock.ts'

class Follower {
  isUnderway = false
  interruption: Interruption | undefined
  asked = 0
  react: Reaction | undefined
  readonly gate = { retryAfterMs: () => 1_000 }
  onInterrupt (react: Reaction | undefined): void { this.react = react }
  asksItself (): void {
    this.asked++
    this.isUnderway = false
  }
}

const asExchange = (follower: Follower): Exchange => follower as unknown as Exchange
const ANSWER: Answer = { statusCode: 200, headers: {}, body: Buffer.from('{}') }

t.test('who is over already follows nobody', async (t) => {
  for (const [why, type] of [['client_left', ClientLeftError], ['deadline', ShedError]] as const) {
    const [flight, follower] = [new Flight(), new Follower()]
    follower.interruption = why
    await t.rejects(flight.follow(asExchange(follower)), type)
    t.ok(flight.isAlone)
    t.notOk(follower.isUnderway)
  }
})

t.test('who follows is underway, and on its own again where it has to ask itself', async (t) => {
  for (const [told, asked] of [['alone', 1], [ANSWER, 0]] as const) {
    const [flight, follower] = [new Flight(), new Follower()]
    const heard = flight.follow(asExchange(follower))
    t.ok(follower.isUnderway)
    flight.tell(told, new FakeClock())
    t.equal(await heard, told)
    t.equal(follower.asked, asked)
    t.equal(follower.react, undefined, 'an interruption is no business of the flight any more')
    t.ok(flight.isAlone)
  }
})

t.test('who leaves while it follows follows no more, and the next leads in the order of arrival', async (t) => {
  const flight = new Flight()
  const [first, second, third] = [new Follower(), new Follower(), new Follower()]
  const [one, two] = [first, second, third].map((follower) => flight.follow(asExchange(follower)))
  first.react?.('client_left', asExchange(first))
  await t.rejects(async () => { await one }, ClientLeftError)
  t.equal(first.react, undefined)
  t.ok(flight.handOver())
  t.equal(await two, 'lead')
  t.same([first.asked, second.asked, third.asked], [0, 1, 0])
  t.ok(flight.handOver())
  t.notOk(flight.handOver(), 'nobody is left')
})

t.test('an answer that is here is given at the deadline, but to nobody who has left', async (t) => {
  const flight = new Flight()
  const followers = [new Follower(), new Follower(), new Follower()] as const
  const [first, late, left] = followers.map((follower) => flight.follow(asExchange(follower)))
  flight.tell(ANSWER, Object.assign(new FakeClock(), { afterInput: () => {} }))
  followers[1].react?.('deadline', asExchange(followers[1]))
  followers[2].react?.('client_left', asExchange(followers[2]))
  t.same([await first, await late], [ANSWER, ANSWER])
  await t.rejects(async () => { await left }, ClientLeftError)
})

t.test('an answer is told to one in each turn of the event loop', async (t) => {
  const flight = new Flight()
  let heard = 0
  for (let i = 0; i < 3; i++) void flight.follow(asExchange(new Follower())).then(() => { heard++ })
  const turns: Array<() => void> = []
  flight.tell(ANSWER, Object.assign(new FakeClock(), { afterInput: (task: () => void) => { turns.push(task) } }))
  for (let i = 1; i <= 3; i++) {
    await promisesSettle()
    t.equal(heard, i)
    turns.shift()?.()
  }
  t.equal(turns.length, 0)
})
