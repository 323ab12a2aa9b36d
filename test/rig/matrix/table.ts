import type { Measures } from './measures.ts'
import type { Results } from './matrix.ts'
import type { Group, Scenario, Third } from './scenario.ts'

const number = (value: number, digits: number): string => Number.isFinite(value) ? value.toFixed(digits) : '—'

const third: Readonly<Record<Third, (values: readonly number[]) => string[]>> = {
  p99: ([value = NaN]) => [number(value, 2)],
  settle: (values) => [`${values.map((value) => number(value, 1)).join('/')} s`],
  drain: ([value = NaN]) => [`${number(value, 1)} s`],
  jain: ([value = NaN]) => [`J ${number(value, 3)}`],
  newcomer: ([value = NaN]) => [`${number(value, 0)} s`],
  routes: ([value = NaN]) => [`R ${number(value, 2)}`],
  none: () => []
}

/** Two significant digits: a share of 0.02 % and one of 800 % in the same table. */
function perCent (share: number): string {
  const value = 100 * share
  return `${value === 0 ? '0' : value < 10 ? value.toPrecision(2) : value.toFixed(0)} %`
}

/** Goodput · refusals per 100 successes · the scenario's own figure · failures, if any. */
export function cell (scenario: Scenario, measures: Measures): string {
  return [
    number(measures.goodput, 2),
    perCent(measures.refused),
    ...third[scenario.third](measures.third),
    ...measures.failed >= 0.00005 ? [`✗ ${perCent(measures.failed)}`] : []
  ].join(' · ')
}

export function table (group: Group, results: Results): string {
  const names = [...new Set(group.scenarios.flatMap(({ name }) => Object.keys(results[name] ?? {})))]
  return [
    `| ${['', ...group.scenarios.map(({ name }) => name)].join(' | ')} |`,
    `|${'---|'.repeat(group.scenarios.length + 1)}`,
    ...names.map((name) => `| ${[name, ...group.scenarios.map((scenario) => {
      const measures = results[scenario.name]?.[name]
      return measures === undefined ? '' : cell(scenario, measures)
    })].join(' | ')} |`)
  ].join('\n')
}

/** One line for every figure that is not what it was. */
export function changes (group: Group, before: Results, after: Results): string {
  const lines = group.scenarios.flatMap((scenario) => Object.entries(after[scenario.name] ?? {}).flatMap(([name, now]) => {
    const then = before[scenario.name]?.[name]
    if (then === undefined) return []
    const [was, is] = [cell(scenario, then), cell(scenario, now)]
    return was === is ? [] : [`| ${scenario.name} | ${name} | ${was} | ${is} |`]
  }))
  return lines.length === 0 ? 'No change.' : ['| scenario | algorithm | before | now |', '|---|---|---|---|', ...lines].join('\n')
}
