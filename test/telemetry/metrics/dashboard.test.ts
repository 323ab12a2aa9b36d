import { readFile } from 'node:fs/promises'
import t from 'tap'
import { parse } from 'yaml'
import { METRIC_PREFIX, METRICS } from '../../../src/telemetry/metrics/metric-list.ts'
import type { MetricSpec } from '../../../src/telemetry/metrics/metric-list.ts'
import { familyOf } from './scrape.ts'

interface Panel {
  readonly type: string
  readonly title: string
  readonly gridPos: { readonly h: number, readonly w: number, readonly x: number, readonly y: number }
  readonly datasource?: { readonly uid: string }
  readonly targets?: ReadonlyArray<{ readonly expr: string, readonly legendFormat: string }>
}

interface Dashboard {
  readonly uid: string
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: ReadonlyArray<{ readonly name: string, readonly type: string, readonly definition?: string }> }
}

const read = (path: string): Promise<string> => readFile(new URL(`../../../docker/${path}`, import.meta.url), 'utf8')
const dashboard = JSON.parse(await read('grafana/dashboards/twilio-governor.json')) as Dashboard
const specs: Readonly<Record<string, MetricSpec>> = METRICS

const queries = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target })))
const specOf = (series: string): MetricSpec | undefined => specs[series.slice(METRIC_PREFIX.length)] ?? specs[familyOf(series).slice(METRIC_PREFIX.length)]
const seriesIn = (query: string): string[] => query.match(/\btwilio_governor_\w+/g) ?? []

t.test('every metric of ours that the dashboard asks for is in the list', async (t) => {
  const asked = [...queries.map(({ expr }) => expr), ...dashboard.templating.list.map(({ definition = '' }) => definition)].flatMap(seriesIn)
  t.ok(asked.length > 20)
  for (const series of new Set(asked)) {
    const spec = specOf(series)
    t.ok(spec, series)
    t.equal(series.endsWith('_bucket'), spec?.type === 'histogram', `${series} is asked for as what it is`)
  }
})

t.test('the dashboard groups and filters by labels that its metrics have', async (t) => {
  for (const { title, expr, legendFormat } of queries.filter(({ expr }) => seriesIn(expr).length > 0)) {
    const known = new Set(['le', 'instance', 'job', ...seriesIn(expr).flatMap((series) => Object.keys(specOf(series)?.labels ?? {}))])
    const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', '))
    const matched = [...expr.matchAll(/(\w+)=~?"/g)].map(([, label = '']) => label)
    const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label)
    for (const label of [...grouped, ...matched, ...shown]) t.ok(known.has(label), `${title}: ${label}`)
  }
})

t.test('what each metric of the list tells has its place on the dashboard', async (t) => {
  const asked = new Set([...queries.map(({ expr }) => expr), ...dashboard.templating.list.map(({ definition = '' }) => definition)]
    .flatMap(seriesIn).map((series) => familyOf(series).slice(METRIC_PREFIX.length)))
  const left = Object.keys(METRICS).filter((name) => !asked.has(name))
  t.same(left, ['tunnels_total', 'shadow_would_wait_total', 'feedback_missing_total', 'authority_expiry_timestamp_seconds'], 'but for some that matter to few')
})

t.test('each panel reads the chosen data source, and none lies over another', async (t) => {
  const taken = new Set<string>()
  for (const { type, title, gridPos: { h, w, x, y }, datasource, targets } of dashboard.panels) {
    t.ok(x + w <= 24, `${title} is within the grid`)
    for (let i = 0; i < h * w; i++) {
      const cell = `${x + i % w},${y + Math.floor(i / w)}`
      if (taken.has(cell)) t.fail(`${title} lies over another panel`)
      taken.add(cell)
    }
    if (type === 'row') continue
    t.match(datasource?.uid, /^\$\{datasource\}$/, title)
    t.ok(targets!.length > 0, title)
  }
  t.match(dashboard.templating.list[0], { name: 'datasource', type: 'datasource' })
})

t.test('Grafana is provisioned with the dashboard\'s folder and the Prometheus beside it', async (t) => {
  t.match(parse(await read('grafana/provisioning/datasources/prometheus.yml')), {
    apiVersion: 1, datasources: [{ type: 'prometheus', url: 'http://prometheus:9090', isDefault: true }]
  })
  t.match(parse(await read('grafana/provisioning/dashboards/twilio-governor.yml')), {
    apiVersion: 1, providers: [{ type: 'file', options: { path: '/var/lib/grafana/dashboards' } }]
  })
})

t.test('Prometheus scrapes the admin port every five seconds', async (t) => {
  t.match(parse(await read('prometheus/prometheus.yml')), {
    global: { scrape_interval: '5s' }, scrape_configs: [{ static_configs: [{ targets: ['governor:9090'] }] }]
  })
})
