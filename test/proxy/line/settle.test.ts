import t from 'tap'
import { Exchange, type Identity } from '../../../src/proxy/exchange-state.ts'
import type { Attempt, AttemptResult } from '../../../src/proxy/forward/attempt.ts'
import { awaitResult } from '../../../src/proxy/line/settle.ts'
import { promisesSettle } from '../../support/fake-clock.ts'

const CUT: AttemptResult = { kind: 'failure', code: 'ABANDONED' } as unknown as AttemptResult

/** One attempt of an exchange, how often it was cut, and what came of waiting for it. */
class Bench {
  readonly exchange: Exchange
  aborts = 0
  result: AttemptResult | 'left_behind' | undefined
  finish: (result: AttemptResult) => void = () => {}
  readonly #attempt: Attempt

  constructor (method: string, sent: boolean) {
    this.exchange = new Exchange({ method, path: '/', route: `${method} api/`, upstream: { host: 'api.twilio.com', product: 'api' }, account: { gate: undefined }, latestStartMs: 1_000 } as unknown as Identity)
    const result = new Promise<AttemptResult>((resolve) => { this.finish = resolve })
    const abort = (): void => {
      this.aborts++
      this.finish(CUT)
    }
    this.#attempt = { sent, result, abort } as unknown as Attempt
  }

  async wait (): Promise<void> {
    void awaitResult(this.exchange, this.#attempt).then((result) => { this.result = result })
    await promisesSettle()
  }
}

const cases = [['GET', true, CUT], ['GET', false, CUT], ['POST', false, CUT], ['POST', true, 'left_behind'], ['DELETE', true, 'left_behind']] as const

t.test('an attempt of an exchange that was interrupted before is not waited for: it is cut, or a write left to itself', async (t) => {
  for (const why of ['client_left', 'deadline'] as const) {
    for (const [method, sent, result] of cases) {
      const bench = new Bench(method, sent)
      bench.exchange.interrupt(why)
      await bench.wait()
      t.equal(bench.result, result, `${method}, ${sent ? 'sent' : 'unsent'}, ${why}`)
      t.equal(bench.aborts, result === CUT ? 1 : 0)
    }
  }
})

t.test('nor is one whose exchange is interrupted meanwhile', async (t) => {
  for (const [method, sent, result] of cases) {
    const bench = new Bench(method, sent)
    await bench.wait()
    t.equal(bench.result, undefined)
    bench.exchange.interrupt('deadline')
    await promisesSettle()
    t.equal(bench.result, result, `${method}, ${sent ? 'sent' : 'unsent'}`)
    t.equal(bench.aborts, result === CUT ? 1 : 0)
  }
})

t.test('an interruption after its end no longer touches the attempt: its body may still be on its way to the client', async (t) => {
  for (const [method, sent] of cases) {
    const bench = new Bench(method, sent)
    await bench.wait()
    const whole = { kind: 'response', status: 200 } as unknown as AttemptResult
    bench.finish(whole)
    await promisesSettle()
    bench.exchange.interrupt('client_left')
    t.equal(bench.result, whole)
    t.equal(bench.aborts, 0, method)
  }
})
