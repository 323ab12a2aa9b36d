import { createModel, type Model } from '../model/model.ts'
import type { ModelSender } from '../model/model-sender.ts'
import type { Tally } from '../model/model-tally.ts'
import type { Algorithm } from './algorithms.ts'
import type { Load, Scenario } from './scenario.ts'

/** What happened to one algorithm in one scenario with one seed. */
export interface Played {
  /** One for each sender. */
  readonly tallies: readonly Tally[]
  readonly ofRoute: (route: string) => Tally
  /** When each call of a burst was done, in order, milliseconds. */
  readonly burstDoneAtMs: readonly number[]
}

const CEILING = 100

export function play (scenario: Scenario, { retry, createLimit }: Algorithm, seed: number): Played {
  const { account = {}, senders = 1, apartMs = 0, others = [], load, toMs } = scenario
  const ceiling = account.ceiling ?? (() => CEILING)
  const told = scenario.told ?? ceiling
  const model = createModel({
    ...account,
    seed,
    ceiling,
    senders,
    retry,
    // The parts of all senders add up to the whole.
    limit: (sender, nowMs) => createLimit(() => Math.floor((told(nowMs()) + sender) / senders), 1_000 * seed + sender)
  })
  const burstDoneAtMs: number[] = []
  for (const [i, sender] of model.senders.entries()) {
    for (const each of load) give(model, sender, each, i * apartMs, burstDoneAtMs)
  }
  for (const [atMs, workers] of others) model.timeline.at(atMs, () => model.account.setOthers(workers))
  model.timeline.runUntil(toMs)
  return {
    tallies: model.senders.map(({ total }) => total),
    ofRoute: (route) => model.senders[0].of(route),
    burstDoneAtMs
  }
}

function give ({ timeline }: Model, sender: ModelSender, load: Load, startMs: number, burstDoneAtMs: number[]): void {
  if ('burst' in load) {
    const done = (): void => { burstDoneAtMs.push(timeline.nowMs) }
    for (let i = 0; i < load.burst; i++) {
      timeline.at(startMs + load.atMs + load.overMs * i / load.burst, () => sender.call('free', done))
    }
    return
  }
  const { route = 'free', fromMs = 0, toMs = Infinity } = load
  if ('workers' in load) sender.closedLoop(load.workers, route, startMs + fromMs, startMs + toMs)
  else sender.openLoop(load.perSecond, route, startMs + fromMs, startMs + toMs)
}
