/**
 * What a plan is worth: a log recorded before the simulator's own model of Twilio, which knows a wire, random service times
 * and a ceiling of which the plan is told nothing, played through the settings that it was recorded with.
 */
import t, { type Test } from 'tap'
import type { Dispatcher } from 'undici'
import { lineOptions } from '../../../src/line-options.ts'
import { loadSettings } from '../../../src/config/load.ts'
import type { Recorded } from '../../../src/commands/plan/recording/recorded.ts'
import { NOTHING_BESIDE } from '../../../src/commands/plan/replay/replay.ts'
import { promisesSettled, SimulatedClock } from '../../../src/commands/plan/replay/simulated-clock.ts'
import { Survey } from '../../../src/commands/plan/recording/survey.ts'
import { Exchange } from '../../../src/proxy/exchange-state.ts'
import { runExchange } from '../../../src/proxy/line/exchange.ts'
import { createLine } from '../../../src/proxy/create-line.ts'
import { createRandom } from '../../../src/simulator/model/random.ts'
import { createScenario } from '../../../src/simulator/model/scenario.ts'
import { World } from '../../../src/simulator/model/world.ts'
import { THOROUGH } from '../../support/thorough.ts'
import { SID, T0 } from './lines.ts'
import { play } from './stage.ts'

/** What may lie between the plan and what was recorded, as a part of the latter; found were 2 %, 0 and 3 %. */
const WAITS_WITHIN = 0.05
const CEILING_WITHIN = 0.06
const REFUSALS_WITHIN = 0.25

const AUTHORIZATION = `Basic ${Buffer.from(`${SID}:`).toString('base64')}`
const TEMPLATE = '/2010-04-01/Accounts/{}/Messages.json'

/** Bursts of twice what the account takes, and quiet between them, for two minutes. */
async function record (t: Test, yaml: string, ceiling: number, seed: number): Promise<Recorded[]> {
  const settings = loadSettings({ env: {}, cwd: t.testdir({ 'config.yaml': yaml }) })
  const clock = new SimulatedClock(T0)
  const random = createRandom(seed, 'load')
  const world = new World(createScenario({ seed, limit: ceiling, wireDelayMs: 15, wireJitterMs: 3, latency: { medianMs: 110, p99Ms: 600 } }), T0)
  const lines: Recorded[] = []
  const dispatcher = {
    dispatch: (_options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean => {
      const controller = { aborted: false, paused: false, reason: null, abort: () => {}, pause: () => {}, resume: () => {} }
      handler.onRequestStart?.(controller, {})
      const answer = (status: number, headers: Record<string, string>, body: string): void => {
        clock.setTimer(() => {
          handler.onResponseStart?.(controller, status, { 'content-type': 'application/json', 'content-length': String(body.length), ...headers })
          handler.onResponseData?.(controller, Buffer.from(body))
          handler.onResponseEnd?.(controller, {})
        }, world.wireMs())
      }
      clock.setTimer(() => {
        const verdict = world.arrive({ account: SID, method: 'POST', product: 'api', path: TEMPLATE }, clock.nowMs())
        if (verdict.kind === 'refused') clock.setTimer(() => answer(429, { 'twilio-concurrent-requests': verdict.concurrent ?? '', 'twilio-request-duration': '0.002' }, '{"code":20429}'), verdict.delayMs)
        if (verdict.kind !== 'admitted') return
        clock.setTimer(() => {
          answer(201, { 'twilio-concurrent-requests': world.depart(verdict.ticket, clock.nowMs()) ?? '', 'twilio-request-duration': (verdict.ticket.serviceMs / 1000).toFixed(4) }, '{}')
        }, verdict.ticket.serviceMs)
      }, world.wireMs())
      return true
    }
  } as unknown as Dispatcher
  const { line, accounts } = createLine(
    { ...lineOptions(settings), ...NOTHING_BESIDE, clock, random: random.next },
    { for: () => dispatcher, bodyTimeoutMs: 60_000 },
    (event) => {
      if (event.type !== 'exchange') return
      const { type, clientLeft, resource, ...rest } = event
      lines.push({ ...rest, arrivalMs: clock.nowMs() - event.totalMs, resource: resource(), isOld: false })
    })
  let open = 0
  const rate = ceiling / 0.15
  for (let order = 0; clock.nowMs() < T0 + 120_000; order++) {
    const isBusy = (clock.nowMs() - T0) % 20_000 < 5_000
    await clock.advance(clock.nowMs() + random.exponential(1_000 / (rate * (isBusy ? 1.8 : 0.4))))
    const account = accounts.of(AUTHORIZATION, '', undefined)
    open++
    void runExchange(new Exchange({
      order,
      method: 'POST',
      upstream: { host: 'api.twilio.com', product: 'api', region: undefined },
      path: TEMPLATE,
      route: `POST api${TEMPLATE}`,
      class: 'standard',
      account,
      caller: 'campaigns',
      authorization: AUTHORIZATION,
      allowsDuplicate: true,
      rawHeaders: [],
      pageBase: undefined,
      deadlineMs: clock.nowMs() + 25_000,
      latestStartMs: clock.nowMs() + 22_000
    }), line).finally(() => { open-- })
    await promisesSettled()
  }
  await clock.advanceUntil(() => open === 0)
  return lines
}

for (const [ceiling, seed] of [[20, 1], ...THOROUGH ? [[45, 2]] as const : []] as const) {
  t.test(`with the settings it was recorded with, a plan tells what was recorded (a ceiling of ${ceiling})`, async (t) => {
    const lines = await record(t, '', ceiling, seed)
    const survey = new Survey()
    for (const line of [...lines].sort((a, b) => a.arrivalMs - b.arrivalMs)) survey.add(line)
    const guess = survey.finish().get(SID)
    t.ok(Math.abs((guess?.ceiling ?? 0) / ceiling - 1) <= CEILING_WITHIN, `the ceiling is ${ceiling}, taken for ${guess?.ceiling} (${guess?.confidence})`)
    const { figures: { all: { then, plan } } } = await play(t, '', lines, { ceiling: guess?.ceiling ?? Infinity })
    t.equal(plan.requests, lines.length)
    t.equal(then.refused + plan.refused, 0)
    for (const part of [0.75, 0.95, 0.99]) {
      const [before, now] = [then.waits.percentile(part), plan.waits.percentile(part)]
      t.ok(before > 200, 'they did wait')
      t.ok(Math.abs(now / before - 1) <= WAITS_WITHIN, `${100 * part} of 100 waited ${Math.round(before)} ms at most, in the plan ${Math.round(now)} ms`)
    }
    t.ok(then.throttled > 20 && Math.abs(plan.throttled / then.throttled - 1) <= REFUSALS_WITHIN, `Twilio refused ${then.throttled}, in the plan ${plan.throttled}`)
  })
}
