import { readFile } from 'node:fs/promises'
import t from 'tap'
import { createAdmin } from '../../../src/admin/server.ts'
import { createExchangeLog } from '../../../src/telemetry/log/exchange-log.ts'
import { createLogger } from '../../../src/telemetry/log/logger.ts'
import { REASONS } from '../../../src/proxy/reasons.ts'
import { createMetrics } from '../../../src/telemetry/metrics/metrics.ts'
import { METRIC_PREFIX, METRICS } from '../../../src/telemetry/metrics/metric-list.ts'
import { withMetricTable } from '../../../src/telemetry/metrics/metric-table.ts'
import { account, exchange, proxyState } from '../fakes.ts'
import { memoryLog } from '../log/memory-log.ts'
import { familyOf, readSamples } from './scrape.ts'

const doc = await readFile(new URL('../../../docs/metrics.md', import.meta.url), 'utf8')
const samplesOf = (language: string): string[] => [...doc.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))].map(([, code = '']) => code)
const jsonWith = (key: string): Record<string, unknown> =>
  samplesOf('json').map((code) => JSON.parse(code) as Record<string, unknown>).find((sample) => key in sample)!

const createAll = (): ReturnType<typeof createMetrics> =>
  createMetrics({ version: '1', labels: (name) => name, state: proxyState() })

t.test('the table in the docs is the list: run npm run docs when it is not', async (t) => {
  t.equal(doc, withMetricTable(doc))
  t.equal(doc.split('\n').filter((line) => line.startsWith(`| \`${METRIC_PREFIX}`)).length, Object.keys(METRICS).length)
  t.throws(() => withMetricTable('a page without markers'), { message: /docs\/metrics\.md lacks/ })
})

t.test('every metric that the text or a query names exists', async (t) => {
  for (const name of new Set(doc.match(/\btwilio_governor_\w+/g))) {
    t.ok(name.slice(METRIC_PREFIX.length) in METRICS || familyOf(name).slice(METRIC_PREFIX.length) in METRICS || name.endsWith('_'), name)
  }
})

t.test('process metrics are named in the docs, as far as this system has them', async (t) => {
  const families = new Set(readSamples((await createAll().scrape()).body).map(({ name }) => familyOf(name)))
  for (const name of families) if (!name.startsWith(METRIC_PREFIX)) t.ok(doc.includes(`\`${name}\``), name)
})

t.test('the log line shown has the fields of a real one, and each field is explained', async (t) => {
  const log = memoryLog()
  createExchangeLog(createLogger({ level: 'info', stream: log.stream }), () => 'shop')(exchange())
  t.strictSame(Object.keys(jsonWith('queueMs')), Object.keys(log.lines()[0]!))
  for (const field of [...Object.keys(log.lines()[0]!), 'errorCode']) t.ok(doc.includes(`| \`${field}\` |`), field)
  for (const reason of REASONS) t.ok(doc.includes(`\`${reason}\``), reason)
})

t.test('the state shown has the shape of a real one', async (t) => {
  const admin = createAdmin({
    metrics: createAll(), state: proxyState({ accounts: () => [account()] }), labels: (name) => name, settingsFile: 'config.yaml', upstream: 'https://*.twilio.com', ready: () => true, version: '1', startedAtMs: 0, now: () => 0, epochMs: () => 0
  })
  t.strictSame(shape(jsonWith('totals')), shape(JSON.parse((await admin.inject('/state')).body)))
  await admin.close()
})

/** The value with every leaf replaced by its type. */
function shape (value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape)
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, shape(part)]))
}
