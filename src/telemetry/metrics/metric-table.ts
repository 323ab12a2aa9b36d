/** The table of docs/metrics.md. */
import { METRIC_PREFIX, METRICS, type LabelDomain, type MetricSpec } from './metric-list.ts'

const START = '<!-- generated: metrics -->\n'
const END = '<!-- end: metrics -->'

const domainText = (domain: LabelDomain): string =>
  typeof domain === 'string' ? domain : domain.map((value) => `\`${value}\``).join(' ')

const labelText = ([label, domain]: [string, LabelDomain]): string => `\`${label}\`: ${domainText(domain)}`

const row = ([name, { type, unit, help, labels, buckets }]: [string, MetricSpec]): string => [
  '',
  `\`${METRIC_PREFIX}${name}\``,
  type,
  unit,
  help + (buckets === undefined ? '' : `. Buckets: ${buckets.join(', ')}`),
  Object.entries(labels).map(labelText).join('<br>'),
  ''
].join(' | ').trim()

/** A row for every metric of the list. */
const metricTable = (): string => [
  '| Name | Type | Unit | Meaning | Labels |',
  '|---|---|---|---|---|',
  ...Object.entries<MetricSpec>(METRICS).map(row)
].join('\n')

/** The page with its table as it should be. Throws an Error when the page has lost a marker. */
export function withMetricTable (page: string): string {
  const [from, to] = [page.indexOf(START), page.indexOf(END)]
  if (from < 0 || to < from) throw new Error('docs/metrics.md lacks the markers of its table')
  return `${page.slice(0, from)}${START}\n${metricTable()}\n\n${page.slice(to)}`
}
