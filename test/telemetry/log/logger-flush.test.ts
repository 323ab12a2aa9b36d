import { mock } from 'node:test'
import t from 'tap'
import { announce, createLogger, flushLogger } from '../../../src/telemetry/log/logger.ts'
import { scrub } from '../../../src/telemetry/log/scrub.ts'
import { promisesSettle } from '../../support/fake-clock.ts'
import { memoryLog } from './memory-log.ts'

/** A stream whose flush ends when the test says so. */
function slowStream (): { stream: { write: (line: string) => void, flush: (done: () => void) => void }, done: () => void } {
  let ended = (): void => {}
  return { stream: { write: () => {}, flush: (done) => { ended = done } }, done: () => { ended() } }
}

t.test('a flush waits for a stream that takes its time, for a second and no longer', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => { mock.timers.reset() })
  const { stream } = slowStream()
  let flushed = false
  void flushLogger(createLogger({ level: 'info', stream })).then(() => { flushed = true })
  mock.timers.tick(999)
  await promisesSettle()
  t.equal(flushed, false)
  mock.timers.tick(1)
  await promisesSettle()
  t.equal(flushed, true)
})

t.test('a flush that is done leaves no timer that keeps the process alive', async (t) => {
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const before = timers()
  const { stream, done } = slowStream()
  const flush = flushLogger(createLogger({ level: 'info', stream }))
  t.equal(timers(), before + 1)
  done()
  await flush
  t.equal(timers(), before)
})

t.test('whoever announces goes on when the line is out of the house', async (t) => {
  const { stream, done } = slowStream()
  let announced = false
  const announcement = announce(
    createLogger({ level: 'info', stream }), { proxy: 'http://127.0.0.1:1', admin: 'http://127.0.0.1:2' }
  )
    .then(() => { announced = true })
  await promisesSettle()
  t.equal(announced, false)
  done()
  await announcement
})

t.test('the announcement says which settings are in force', async (t) => {
  const log = memoryLog()
  const standing = { version: '1.2.3', settingsFile: null, mode: 'shadow', upstream: 'https://*.twilio.com' }
  await announce(
    createLogger({ level: 'silent', stream: log.stream }),
    { proxy: 'http://127.0.0.1:1', admin: 'http://127.0.0.1:2' },
    standing
  )
  t.match(log.lines(), [{ level: 'info', msg: 'listening', ...standing }])
})

t.test('each field that may hold a secret whole is cut, whatever its type', async (t) => {
  for (const field of ['authorization', 'headers', 'body', 'query', 'url', 'req', 'res']) {
    const log = memoryLog()
    createLogger({ level: 'info', stream: log.stream }).info({ [field]: { inner: ['hidden'] } }, 'one')
    t.equal(log.lines()[0]![field], '[redacted]', field)
  }
})

t.test('each field of text that is named like a credential or content is cut at any depth and in any case', async (t) => {
  const names = [
    'authorization', 'proxy-authorization', 'cookie', 'password', 'token', 'authToken', 'Body', 'From', 'to', 'query',
    'url'
  ]
  for (const name of names) {
    t.equal(
      scrub(JSON.stringify({ a: { [name]: 'hid"den' } })), `{"a":{"${name}":"[redacted]"}}`, name
    )
  }
  t.equal(scrub('{"told":"once"}'), '{"told":"once"}')
})

t.test('credentials, form fields and numbers are cut out of a sentence', async (t) => {
  const sentences = {
    'x Basic QUNmMDA6cw== y': 'x [redacted] y',
    'x bearer a.b-c_d~e+f/g= y': 'x [redacted] y',
    'x Body=hello&Other=1': 'x [redacted]&Other=1',
    'x to=anna y': 'x [redacted] y',
    'x From=bert y': 'x [redacted] y',
    'x +1500555 y': 'x [redacted] y',
    'x %2b150055500060000 y': 'x [redacted] y',
    'x +150055 y': 'x +150055 y',
    'Basics and bearers': 'Basics and bearers'
  }
  for (const [sentence, without] of Object.entries(sentences)) t.equal(scrub(sentence), without)
})
