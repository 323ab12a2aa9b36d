import { METRIC_PREFIX, METRICS } from '../../../src/telemetry/metrics/metric-list.ts'
import type { LabelDomain, MetricSpec } from '../../../src/telemetry/metrics/metric-list.ts'

const domainText = (domain: LabelDomain): string => typeof domain === 'string' ? domain : domain.map((value) => `\`${value}\``).join(' ')

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

/** The table of docs/metrics.md: a row for every metric of the list. */
export const metricTable = (): string => [
  '| Name | Type | Unit | Meaning | Labels |',
  '|---|---|---|---|---|',
  ...Object.entries<MetricSpec>(METRICS).map(row)
].join('\n')
