import { Counter, Gauge, Histogram } from 'prom-client'
import type { Registry } from 'prom-client'
import { METRIC_PREFIX, METRICS } from './metric-list.ts'
import type { MetricSpec, NameOf } from './metric-list.ts'
import { createTally } from './tally.ts'
import type { Tally } from './tally.ts'

export interface Instruments {
  readonly counters: Readonly<Record<NameOf<'counter'>, Tally>>
  readonly gauges: Readonly<Record<NameOf<'gauge'>, Gauge>>
  readonly histograms: Readonly<Record<NameOf<'histogram'>, Histogram>>
  /** Brings the tallies into the registry; to be called before it is read. */
  readonly fillCounters: () => void
}

interface Description {
  readonly name: string
  readonly help: string
  readonly labelNames: string[]
  readonly registers: Registry[]
}

/** Makes exactly the metrics of the list, in a registry of the caller's. */
export function createInstruments (registry: Registry): Instruments {
  const exported: Array<() => void> = []

  function each<T extends MetricSpec['type'], V> (
    type: T,
    make: (describe: Description, spec: MetricSpec) => V
  ): Record<NameOf<T>, V> {
    const specs = Object.entries<MetricSpec>(METRICS).filter(([, spec]) => spec.type === type)
    const made = specs.map(([name, spec]) => [name, make({
      name: METRIC_PREFIX + name, help: spec.help, labelNames: Object.keys(spec.labels), registers: [registry]
    }, spec)])
    return Object.fromEntries(made) as Record<NameOf<T>, V>
  }

  return {
    counters: each('counter', (describe) => {
      const counter = new Counter(describe)
      const tally = createTally(describe.labelNames.length)
      exported.push(() => exportTally(counter, describe.labelNames, tally))
      return tally
    }),
    gauges: each('gauge', (describe) => new Gauge(describe)),
    histograms: each('histogram', (describe, spec) => new Histogram({ ...describe, buckets: [...spec.buckets ?? []] })),
    fillCounters: () => { for (const fill of exported) fill() }
  }
}

function exportTally (counter: Counter, labelNames: readonly string[], tally: Tally): void {
  counter.reset()
  tally.each((values, count) => {
    counter.inc(Object.fromEntries(labelNames.map((label, i) => [label, String(values[i])])), count)
  })
}
