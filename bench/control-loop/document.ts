import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isStrained } from '../../test/rig/scenario/watch.ts'
import { comparisonChart } from './chart-comparison.ts'
import { timeChart } from './chart-time.ts'
import type { Result } from './result.ts'
import { barRows, HEAD, markdown, met, row, settleText } from './table.ts'

const CHARTS = 'control-loop'

/** Writes the document and its charts into a folder; returns the document's path. */
export function writeDocument (folder: string, results: readonly Result[]): string {
  mkdirSync(join(folder, CHARTS), { recursive: true })
  for (const result of results) {
    writeFileSync(join(folder, CHARTS, `${result.scenario}.svg`), timeChart(result))
    if (result.peers.length > 0) writeFileSync(join(folder, CHARTS, `${result.scenario}-compared.svg`), comparisonChart(result))
  }
  const file = join(folder, 'control-loop.md')
  writeFileSync(file, text(results))
  return file
}

const text = (results: readonly Result[]): string => `# The control loop, measured

How close the proxy comes to a limit that was told what Twilio hides, over real HTTP: a simulated account that enforces
its ceiling, the proxy as it is shipped in a process of its own, load from a third. Made by

\`\`\`sh
npm run bench:control -- --runs 3 --peers --write
npm run bench:control -- steady        # the scenarios with this in their name
\`\`\`

**The yardstick**, in tables "told the ceiling", is the same proxy with the limit pinned to the account's ceiling (÷ the
number of proxies), and moved whenever the ceiling moves. It is no upper bound: a request on the wire does not count at
Twilio, so a limit above the ceiling gets more. Where a route with a limit of its own is beside other traffic, goodput
and latency are the other traffic's, and the yardstick is the same proxy without that route; where there is room for
all, it is the proxy without a limit.

**Goodput, p50, p95 and p99** are parts of the yardstick's, on the same machine, with the same seeds. **429 per 1,000** are
refusals by the simulated Twilio per 1,000 good answers; applications see none of them unless the last column says so.
Numbers are medians, in brackets the least and the most of the runs, from the first window that a scenario names; other
limits and programs were run once each. Unless
a scenario says otherwise, the time at Twilio is lognormal, 110 ms at the median and 1 s at the 99th percentile, and the
wire takes 20 ms each way. The scenarios, with the bars that each is held to, are in
[bench/control-loop/scenarios](../../bench/control-loop/scenarios). A bar has to be met by the median, and its "worst" by
every run. Node ${[...new Set(results.map(({ node }) => node))].join(', ')}; ${[...new Set(results.map(({ processors }) => processors))].join('; ')}.

${markdown(['scenario', ...HEAD.slice(1, 6), 's to settle', ...HEAD.slice(6), 'bars met'], results.map(overview))}
${results.some(strained) ? STRAINED : ''}
${results.map(section).join('\n')}`

const STRAINED = `
† the machine was too busy in at least one run: timers of load or simulator came late, so times and goodput say as much
of it as of the proxy.
`

const strained = ({ ours, yardstick }: Result): boolean => [...ours.runs, ...yardstick.runs].some(({ strain }) => isStrained(strain))

function overview (result: Result): readonly string[] {
  const [, goodput = '', throttled = '', p50 = '', p95 = '', p99 = '', ...rest] = row(result.ours, result.yardstick)
  return [`[${result.scenario}](#${result.scenario})${strained(result) ? ' †' : ''}`, goodput, throttled, p50, p95, p99, settleText(result), ...rest, met(result)]
}

function section (result: Result): string {
  const { scenario, about, seeds, lengthS, peers, bars } = result
  return `## ${scenario}

${about} ${seeds.length === 1 ? 'One run' : `${seeds.length} runs`} of ${lengthS} s.

![limit, goodput, refusals and latency over time](${CHARTS}/${scenario}.svg)

${markdown(['', 'bar', 'measured'], barRows(bars))}
${peers.length === 0 ? '' : compared(result)}`
}

function compared ({ scenario, ours, yardstick, peers, notInstalled }: Result): string {
  const absent = notInstalled.map((name) => [name, 'not installed', ...HEAD.slice(2).map(() => '')])
  return `
${markdown(HEAD, [...[ours, yardstick, ...peers].map((summary) => row(summary, yardstick)), ...absent])}

![goodput, refusals and failures of all](${CHARTS}/${scenario}-compared.svg)
`
}
