import t from 'tap'
import { createExchangeLog } from '../../../src/telemetry/log/exchange-log.ts'
import { createLogger } from '../../../src/telemetry/log/logger.ts'
import { createRefusalLines } from '../../../src/telemetry/log/refusal-lines.ts'
import type { GovernorEvent } from '../../../src/proxy/events.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { exchange } from '../fakes.ts'
import { memoryLog } from './memory-log.ts'

function log (): { tell: (event: GovernorEvent) => void, flush: () => void, clock: FakeClock, lines: () => Array<Record<string, unknown>> } {
  const clock = new FakeClock()
  const written = memoryLog()
  const logger = createLogger({ level: 'info', stream: written.stream })
  const refusals = createRefusalLines(logger, clock)
  return { tell: createExchangeLog(logger, () => 'shop', refusals), flush: refusals.flush, clock, lines: () => written.lines().map(({ time, ...line }) => line) }
}

const refused = (from: string): GovernorEvent => ({ type: 'refused', status: 421, reason: 'unknown_host', from })

t.test('16,000 refusals are a few lines, and one that counts the rest', async (t) => {
  const { tell, clock, lines } = log()
  for (let i = 0; i < 16_000; i++) tell(refused('10.0.0.9'))
  t.equal(lines().length, 20)
  await clock.advance(60_000)
  t.strictSame(lines().slice(20), [{ level: 'warn', line: 'refused', reason: 'unknown_host', peer: '10.0.0.9', leftOut: 15_980, seconds: 60, msg: 'more of the same' }])
  t.equal(clock.liveTimers, 0)
  tell(refused('10.0.0.9'))
  t.equal(lines().length, 22, 'after that they are written again')
})

t.test('each minute has its first lines, and the count of its others', async (t) => {
  const { tell, clock, lines } = log()
  for (let minute = 0; minute < 3; minute++) {
    for (let i = 0; i < 100; i++) tell(refused('10.0.0.9'))
    await clock.advance(60_000)
  }
  t.equal(lines().filter(({ msg }) => msg === 'refused').length, 60)
  t.same(lines().filter(({ msg }) => msg === 'more of the same').map(({ leftOut }) => leftOut), [80, 80, 80])
})

t.test('nobody keeps another\'s line from being written', async (t) => {
  const { tell, lines } = log()
  for (let i = 0; i < 1_000; i++) tell(refused('10.0.0.9'))
  tell(refused('10.0.0.8'))
  t.match(lines().at(-1), { msg: 'refused', peer: '10.0.0.8' })
})

t.test('invented callers are bounded, too, and what was left out is told at the end', async (t) => {
  const { tell, flush, clock, lines } = log()
  for (let i = 0; i < 1_000; i++) tell(exchange({ status: 429, reason: 'queue_full', attempts: 0, caller: `name ${i}` }))
  t.equal(lines().length, 120)
  flush()
  t.match(lines().at(-1), { msg: 'more of the same', line: 'exchange', reason: 'queue_full', peer: 'others', leftOut: 880 })
  t.equal(clock.liveTimers, 0, 'nothing is told twice')
})

t.test('each exchange that went to Twilio has its line, and so has each that was answered', async (t) => {
  const { tell, lines } = log()
  for (let i = 0; i < 100; i++) {
    tell(exchange({ status: 429, reason: 'deadline', attempts: 2 }))
    tell(exchange({ status: 401 }))
  }
  t.equal(lines().length, 200)
})

t.test('so have tunnels that failed a few lines', async (t) => {
  const { tell, lines } = log()
  for (let i = 0; i < 100; i++) tell({ type: 'tunnel', host: `api.edge${i}.us1.twilio.com`, client: 'curl/8', outcome: 'unused' })
  t.equal(lines().length, 20)
})
