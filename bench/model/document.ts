import { SEEDS, type Results } from '../../test/rig/matrix/matrix.ts'
import type { Group } from '../../test/rig/matrix/scenario.ts'
import { table } from '../../test/rig/matrix/table.ts'

/** The page for readers: what was measured, how to read it, and the tables. */
export function document (groups: readonly Group[], results: Results): string {
  return `# Limits in simulated time

Written by \`npm run bench:model -- --write\`: the product's own limit code, and our implementations of the ways known
elsewhere ([bench/peers](../../bench/peers), with formulas and sources), against a model of one account that refuses with 429 at once
whatever goes beyond its ceiling. The same run gives the same figures. Nothing here was measured on Twilio.

The model: 110 ms of service at the median and 1 s at the 99th percentile (lognormal), 17 ms and a little more on the
wire each way, a ceiling of 100, callers that wait up to 30 s. A refused request waits (full jitter from 150 ms, doubling
to 4 s) and comes again before the others; twilio-node and the AWS SDK give up by their own rules instead, after 3 and 2 retries.

Peers run with their published defaults, except a highest limit of 5,000 and a lowest of 1. Two of them show more of their start than of
what they come to: ARC begins at 1 and adds a slot every other round trip at best, and the SRE rule remembers the refusals of its
first seconds for two minutes. Ceiling was tuned on situations like these, the peers were not.

How to read a cell, such as \`1.08 · 0.21 % · 0.96 · ✗ 2 %\`:

1. Goodput, as a part of what a fixed limit gets that is told the ceiling at every moment (the oracle; with several senders
   each is told its part). It is no upper bound: a request on the wire takes no slot at the account.
2. 429s per 100 successes.
3. By scenario: a bare number is the latency that 99 of 100 successes stayed under, as a part of the oracle's; \`s\` are seconds
   until 95 % of the oracle's rate with at most 5 refusals per 100 successes, after each change (— if never), or until 99 of 100
   calls of a burst were done, or until a newcomer had 90 % of its part; \`J\` is Jain's fairness among senders (1 when all have
   the same); \`R\` is the least that a limited route got of its own limit.
4. ✗: calls that failed, as a part of those that ended.

Medians of ${SEEDS.length} seeds. Goodput alone is the wrong measure: a limit that is too high never leaves the account idle, and pays with
refusals, tail latency or failures.

${groups.map((group) => `## ${group.title}\n\n${table(group, results)}\n${group.reportingOnly === true ? '\nAll others never look at the reported concurrency: see steps: 100, 40, 150 above.\n' : ''}`).join('\n')}`
}
