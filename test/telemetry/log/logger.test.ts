import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { announce, createLogger, flushLogger } from '../../../src/telemetry/log/logger.ts'
import { memoryLog } from './memory-log.ts'

const secrets = {
  token: 'deadbeefcafe',
  phone: '+15005550006',
  text: 'your code is 4711'
}

// The real destination is the process's own standard output: it takes a process to see it.
const run = (code: string): ReturnType<typeof spawn> => {
  const from = JSON.stringify(new URL('../../../src/telemetry/log/logger.ts', import.meta.url).href)
  const script = `import { announce, createLogger } from ${from}\n${code}`
  return spawn(process.execPath, [...process.execArgv, '--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] })
}

t.test('a line is JSON with a named level and a time a person can read', async (t) => {
  const log = memoryLog()
  createLogger({ level: 'info', stream: log.stream }).info({ port: 8080 }, 'hello')
  const [line] = log.lines()
  t.match(line, { level: 'info', time: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/, port: 8080, msg: 'hello' })
  t.same(Object.keys(line!), ['level', 'time', 'port', 'msg'], 'and nothing besides')
})

t.test('credentials and content do not get through, whatever they hang on', async (t) => {
  const log = memoryLog()
  const logger = createLogger({ level: 'info', stream: log.stream })
  const headers = { authorization: `Basic ${secrets.token}`, 'content-type': 'text/plain' }
  logger.info({ headers, body: Buffer.from(secrets.text), url: `/Messages?To=${secrets.phone}` }, 'top')
  logger.info({ deep: { deeper: { authorization: secrets.token, Body: secrets.text, to: secrets.phone } } }, 'deep')
  logger.info({ list: ['Authorization', `Bearer ${secrets.token}`, `Body=${encodeURIComponent(secrets.text)}&To=%2B15005550006`] }, 'raw')
  logger.info(`sending "${secrets.phone}" with Basic ${secrets.token}`)
  for (const secret of [...Object.values(secrets), '5005550006', encodeURIComponent(secrets.text)]) {
    t.notOk(log.text().includes(secret), `${secret} is not in the log`)
  }
  t.equal(log.lines().length, 4, 'each line is still JSON')
})

t.test('a quote inside a cut field does not let its rest through', async (t) => {
  const log = memoryLog()
  createLogger({ level: 'info', stream: log.stream }).info({ sent: { body: `say "${secrets.text}" \\"now` } }, 'quoted')
  t.same(log.lines()[0]!['sent'], { body: '[redacted]' })
})

t.test('an error is logged without what libraries hang on it', async (t) => {
  const log = memoryLog()
  const error = Object.assign(new Error(`no answer for ${secrets.phone}`), {
    code: 'ECONNRESET', request: { payload: secrets.text }, data: Buffer.from(secrets.text)
  })
  createLogger({ level: 'info', stream: log.stream }).error({ err: error }, 'failed')
  const [line] = log.lines()
  t.match(line, { level: 'error', err: { type: 'Error', code: 'ECONNRESET', message: 'no answer for [redacted]', stack: /logger\.test/ } })
  t.same(Object.keys(line!['err'] as object), ['type', 'code', 'message', 'stack'])
  t.notOk(log.text().includes(secrets.phone), 'not in the stack either')
})

t.test('something thrown that is no error shows its type alone', async (t) => {
  const log = memoryLog()
  createLogger({ level: 'info', stream: log.stream }).error({ err: secrets.text }, 'failed')
  t.same(log.lines()[0]!['err'], { type: 'string' })
})

t.test('route templates, ids and times are left alone', async (t) => {
  const log = memoryLog()
  const fields = { route: '/2010-04-01/Accounts/{}/Messages.json', twilioRequestId: 'RQ0123456789012345678901234567890a', at: '2026-01-01T00:00:00+0000', tokens: 3 }
  createLogger({ level: 'info', stream: log.stream }).info(fields, 'plain')
  t.match(log.lines()[0], fields)
})

t.test('the announcement is written whatever the level is', async (t) => {
  for (const level of ['silent', 'error', 'info'] as const) {
    const log = memoryLog()
    const logger = createLogger({ level, stream: log.stream })
    await announce(logger, { proxy: 'http://127.0.0.1:8080', admin: 'http://127.0.0.1:9090' })
    t.match(log.lines(), [{ level: 'info', msg: 'listening', proxy: 'http://127.0.0.1:8080', admin: 'http://127.0.0.1:9090' }], level)
    logger.info('chatter')
    t.equal(log.lines().length, level === 'info' ? 2 : 1, `${level} holds for other lines`)
  }
})

t.test('the announcement reaches standard output while the process lives on', async (t) => {
  const child = run(`
    await announce(createLogger({ level: 'silent' }), { proxy: 'http://127.0.0.1:1', admin: 'http://127.0.0.1:2' })
    setInterval(() => {}, 1e6)`)
  const exited = once(child, 'exit')
  const [line] = await once(createInterface(child.stdout!), 'line') as [string]
  t.match(JSON.parse(line), { msg: 'listening', proxy: 'http://127.0.0.1:1', admin: 'http://127.0.0.1:2' })
  child.kill()
  await exited
})

t.test('lines still buffered when the process ends are written', async (t) => {
  const child = run(`
    const logger = createLogger({ level: 'info' })
    for (let n = 0; n < 500; n++) logger.info({ n }, 'line')
    setImmediate(() => process.exit(0))`)
  const lines = (await text(child.stdout!)).trim().split('\n')
  t.strictSame(new Set(lines.map((line) => (JSON.parse(line) as { n: number }).n)), new Set(Array.from({ length: 500 }, (_, n) => n)))
})

t.test('flushing resolves for a stream that has nothing to flush', async (t) => {
  const log = memoryLog()
  await t.resolves(flushLogger(createLogger({ level: 'info', stream: log.stream })))
})

t.test('a number is cut out however it is written: plain or encoded, in any case, alone or in a path', async (t) => {
  const log = memoryLog()
  const logger = createLogger({ level: 'info', stream: log.stream })
  for (const text of ['%2B15005550006', '%2b15005550006', '/v2/PhoneNumbers/%2B15005550006?x', 'whatsapp:+15005550006', '+15005550006', 'whatsapp%3A%2B15005550006']) {
    logger.info({ detail: text }, `no ${text}.`)
    t.notMatch(log.text(), /5005550006/, text)
  }
  t.match(log.lines().at(-1), { detail: /redacted/ })
})
