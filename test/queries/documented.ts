/** Each documented query gives series for the fault that it is for, and nothing on a healthy day: `npm run test:queries`. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { faults, healthy, stager, type Fault } from './faults.ts'
import { isInstalled, startPrometheus, type Recorded } from './prometheus.ts'

const doc = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')
const documented = [...doc.matchAll(/```promql\n([^`]+)```/g)].map(([, query = '']) => query.trim())
const dashboard = readFileSync(new URL('../../docker/grafana/dashboards/twilio-governor.json', import.meta.url), 'utf8')
const drawn = [...dashboard.matchAll(/"expr": ("(?:[^"\\]|\\.)*")/g)].map(([, text = '""']) => (JSON.parse(text) as string).replaceAll('$__rate_interval', '5m').replaceAll(/\$\w+/g, '.*'))
/** It has no bound: it informs. */
const isAlert = (query: string): boolean => / > [\d.]+(?: \* .*)?$/m.test(query)

const FAULTS = faults()
const HEALTHY = healthy()
/** Each fault has two hours of its own. */
const APART_SECONDS = 7_200
const SCRAPE_SECONDS = 15

t.test('the documented queries', { skip: isInstalled() ? false : 'not run: prometheus and promtool are not installed' }, async (t) => {
  const scrapes: Recorded[] = []
  const ends = new Map<string, number>()
  const startSeconds = Math.floor(Date.now() / 1000) - (FAULTS.length + 3) * APART_SECONDS
  for (const [i, { name, play }] of [HEALTHY, ...FAULTS].entries()) {
    let atSeconds = startSeconds + i * APART_SECONDS
    await t.test(`played: ${name}`, async (t) => {
      await play(t, stager(t, (text) => { scrapes.push({ atSeconds: atSeconds += SCRAPE_SECONDS, text }) }))
      t.pass()
    })
    ends.set(name, atSeconds)
  }
  const prometheus = await startPrometheus(scrapes)
  t.teardown(() => prometheus.close())
  const faultOf = (query: string): Fault | undefined => FAULTS.find(({ name }) => query.includes(`twilio_governor_${name}`))
  for (const query of documented) {
    if (!isAlert(query)) {
      t.ok((await prometheus.ask(query, ends.get(HEALTHY.name)!)).length > 0, `informs: ${query}`)
      continue
    }
    const fault = faultOf(query)
    t.ok(fault, `a fault is known for ${query}`)
    t.ok((await prometheus.ask(query, ends.get(fault?.name ?? '') ?? 0)).length > 0, `tells of its fault: ${query}`)
    // What the proxy adds is the machine's doing: it says nothing where this runs beside others.
    if (!query.includes('overhead_seconds')) t.same(await prometheus.ask(query, ends.get(HEALTHY.name)!), [], `quiet on a healthy day: ${query}`)
  }
  t.equal(documented.length > 10, true)
  for (const query of drawn) {
    const found = await Promise.all([...ends.values()].map(async (end) => (await prometheus.ask(query, end)).length))
    t.ok(found.length > 0, query)
  }
})
