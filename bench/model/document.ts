import { SEEDS, type Results } from './matrix.ts'
import type { Group } from './scenario.ts'
import { table } from './table.ts'

/** The page for readers: what was measured, how to read it, and the tables. */
export function document (groups: readonly Group[], results: Results): string {
  return `# Limits in simulated time

Written by \`npm run bench:model -- --write\`. The product's own limit code and the ways known elsewhere
([bench/peers](../../bench/peers)), against a model of one account: beyond a number of requests at once it refuses with
429 at once. The same run gives the same figures. Nothing here was measured on Twilio; no published recording of its
limit exists.

The model: 110 ms of service at the median and 1 s at the 99th percentile (lognormal), 17 ms and a little more on the
wire each way, a ceiling of 100, callers that wait up to 30 s. A refused request waits (full jitter from 150 ms, doubling
to 4 s) and comes again before the others. Peers have their published defaults, except a highest limit of 5,000 and a lowest of 1.

How to read a cell, such as \`1.08 · 0.21 % · 0.96 · ✗ 2 %\`:

1. Goodput, as a part of what a fixed limit gets that is told the ceiling at every moment (the oracle; with several senders
   each is told its part). It is no upper bound: a request on the wire takes no slot at the account.
2. 429s per 100 successes.
3. By scenario: the latency that 99 of 100 successes stayed under, as a part of the oracle's; or seconds until 95 % of the
   oracle's rate with at most 5 refusals per 100 successes, after each change (\`s\`, — if never); or seconds until 99 of 100
   calls of a burst were done; or Jain's fairness among senders (\`J\`, 1 when all have the same); or seconds until a newcomer had 90 %
   of its part; or the least that a limited route got of its own limit (\`R\`).
4. Calls that failed, if any.

Medians of ${SEEDS.length} seeds. Goodput alone is the wrong measure: a limit that is too high never leaves the account idle, and pays with
refusals, tail latency or failures.

${groups.map((group) => `## ${group.title}\n\n${table(group, results)}\n${group.reportingOnly === true ? '\nAll others never look at the reported concurrency: see steps: 100, 40, 150 above.\n' : ''}`).join('\n')}`
}
