/**
 * What the loop itself costs: the gate, its queue and the limit, and how that grows with waiters and accounts.
 *
 *     npm run bench:micro
 */
import { measureAccounts } from './accounts.ts'
import { measureAdmission } from './admission.ts'
import { measureHandover } from './handover.ts'
import type { Cost } from './measure.ts'
import { measureWaiting } from './waiting.ts'

const WAITERS = [1, 10, 100, 1_000, 10_000, 100_000]
/** Callers of a queue of 10,000. */
const CALLERS = [1, 10, 100, 1_000, 10_000]
const ACCOUNTS = [10, 1_000, 50_000]
/** 20 at once: 500 a second, 1,000, and as many as there can be. */
const UPSTREAM_MS = [40, 20, 0]

console.log(`Node ${process.version}. Nanoseconds an operation: median, and p99 of samples of 1,000 operations.\n`)

table(['with room', 'ns', 'p99 ns', 'a second'], (await measureAdmission()).map(({ what, cost }) =>
  [what, ns(cost.medianNs), ns(cost.p99Ns), Math.round(1e9 / cost.medianNs).toLocaleString('en')]))

const waiting = []
for (const waiters of WAITERS) waiting.push(await measureWaiting(waiters))
table(['waiters', 'joins and leaves', 'permit passes on, newcomer joins', 'heap of a waiter'], waiting.map((row) =>
  [row.waiters.toLocaleString('en'), both(row.joinAndLeave), both(row.passOn), row.waiters < 1_000 ? '' : `${Math.round(row.waiterBytes)} B`]))

const calling = []
for (const callers of CALLERS) calling.push(await measureWaiting(10_000, callers))
table(['callers, 10,000 waiters', 'joins and leaves', 'permit passes on, newcomer joins', 'heap of a waiter'], calling.map((row) =>
  [row.callers.toLocaleString('en'), both(row.joinAndLeave), both(row.passOn), `${Math.round(row.waiterBytes)} B`]))

const many = []
for (const accounts of ACCOUNTS) many.push(await measureAccounts(accounts))
table(['accounts', 'found, admitted, learnt from, ended', 'newcomer, table full', 'the same, all busy', 'heap of an account'], many.map((row) =>
  [row.accounts.toLocaleString('en'), both(row.request), both(row.newcomer), both(row.newcomerWhileBusy), row.accounts < 1_000 ? '' : `${Math.round(row.accountBytes)} B`]))

const handovers = []
for (const upstreamMs of UPSTREAM_MS) handovers.push(await measureHandover(upstreamMs))
table(['permit free → next request on its socket', 'p50', 'p99', 'most'], handovers.map((row) => [
  `${Math.round(row.perSecond).toLocaleString('en')} a second${row.upstreamMs === 0 ? ', all that the machine can' : ''}`,
  ...[row.p50Ms, row.p99Ms, row.mostMs].map((ms) => `${ms.toFixed(3)} ms`)
]))

function table (head: readonly string[], rows: ReadonlyArray<readonly string[]>): void {
  console.log([head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n') + '\n')
}

function ns (nanoseconds: number): string { return Math.round(nanoseconds).toLocaleString('en') }

function both ({ medianNs, p99Ns }: Cost): string { return `${ns(medianNs)} (${ns(p99Ns)})` }
