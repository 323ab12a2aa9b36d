import t from 'tap'
import { PassThrough } from 'node:stream'
import { LineReader, type Recorded } from '../../../src/commands/plan/recording/recorded.ts'
import { createExchangeLog } from '../../../src/telemetry/log/exchange-log.ts'
import { createLogger } from '../../../src/telemetry/log/logger.ts'
import { exchange } from '../../telemetry/fakes.ts'
import { lineOf, recorded, T0 } from './lines.ts'

const readOne = (line: string): unknown => new LineReader().read(line)

t.test('a line that the log wrote is read as it was meant', async (t) => {
  const stream = new PassThrough()
  createExchangeLog(createLogger({ level: 'info', stream }), () => 'shop')(exchange({ method: 'GET', resource: () => 'abc', allowedMs: 8500 }))
  const before = Date.now()
  const { arrivalMs, ...read } = readOne((stream.read() as Buffer).toString()) as Recorded
  t.ok(Math.abs(arrivalMs - (before - 300.4)) < 1000, 'it arrived its whole time before its line was written')
  t.strictSame(read, {
    totalMs: 300.4,
    account: 'shop',
    product: 'api',
    route: '/2010-04-01/Accounts/{}/Messages.json',
    class: 'standard',
    caller: 'campaigns',
    method: 'GET',
    status: 201,
    attempts: 2,
    throttled: 1,
    queueMs: 40,
    paceMs: 0,
    backoffMs: 100,
    upstreamMs: 160,
    twilioMs: 120.1,
    reason: 'answered',
    errorCode: undefined,
    resource: 'abc',
    allowedMs: 8500,
    isOld: false
  })
})

t.test('what Compose, Kubernetes or a journal put before a line makes no difference', async (t) => {
  const line = lineOf(recorded(0))
  for (const prefix of ['', 'proxy-1  | ', '2026-01-01T00:00:00.1Z stdout F ', 'Jan 01 00:00:00 host twilio-governor[12]: ']) {
    t.strictSame(readOne(prefix + line), recorded(0), prefix)
  }
})

t.test('other lines are other lines; what is cut off, no JSON or lacks what each exchange has is broken', async (t) => {
  const line = lineOf(recorded(0))
  t.equal(readOne('{"level":"info","proxy":"http://127.0.0.1:8080","msg":"listening"}'), 'other')
  for (const broken of ['nonsense', line.slice(0, -20), line.slice(0, -1), '{"level":"info","msg":"refu', '{,"msg":"exchange"}', '[1]']) t.equal(readOne(broken), 'broken', broken)
  for (const fault of [{ time: 'yesterday' }, { totalMs: -1 }, { class: 'urgent' }, { status: '201' }, { route: null }, { attempts: undefined }, { queueMs: NaN }]) {
    t.equal(readOne(lineOf(recorded(0), fault)), 'broken', JSON.stringify(fault))
  }
})

t.test('a line of before 429s were told of counts attempts that were followed by another', async (t) => {
  const old = (over: Partial<Recorded>): unknown => readOne(lineOf(recorded(0, over), { throttled: undefined, allowedMs: undefined }))
  t.match(old({ attempts: 1 }), { throttled: 0, allowedMs: undefined, isOld: true })
  t.match(old({ attempts: 3 }), { throttled: 2 })
  t.match(old({ attempts: 3, status: 429, reason: 'retries_off' }), { throttled: 3 })
  t.match(old({ attempts: 0, status: 429, reason: 'queue_full' }), { throttled: 0 })
  t.equal((old({}) as Recorded).arrivalMs, T0)
})
