/** Reads of one URL against reads that all differ, from 50 connections, in turn within one run, so that the machine's moods hit both alike. */
import { median, quantile } from '../overhead/load.ts'
import { ACCOUNT, closedLoop, type Client } from './traffic.ts'

const CONNECTIONS = 50
const PAIRS = 9
const SECONDS = 2
const PATH = `/2010-04-01/Accounts/${ACCOUNT}/Messages.json`

interface Measured { readonly perSecond: number, readonly p50: number }

/** One line of what `send` gets through. */
export async function compareReads (send: Client): Promise<string> {
  let page = 0
  const read = {
    identical: () => send({ method: 'GET', path: PATH }),
    distinct: () => send({ method: 'GET', path: `${PATH}?Page=${++page}` })
  } as const
  const found: Record<keyof typeof read, Measured[]> = { identical: [], distinct: [] }
  const kinds = Object.keys(read) as Array<keyof typeof read>
  for (const kind of kinds) await measure(read[kind])
  for (let pair = 0; pair < PAIRS; pair++) {
    // Who goes first changes: whatever slows down or warms up hits both.
    for (const kind of pair % 2 === 0 ? kinds : [...kinds].reverse()) found[kind].push(await measure(read[kind]))
  }
  const middle = (kind: keyof typeof read, of: keyof Measured): number => median(found[kind].map((measured) => measured[of]))
  const ratio = (of: keyof Measured): string => median(found.identical.map((measured, i) => measured[of] / (found.distinct[i]?.[of] ?? NaN))).toFixed(2)
  const each = (of: keyof Measured, digits: number): string => `${middle('identical', of).toFixed(digits)} against ${middle('distinct', of).toFixed(digits)}`
  return `${each('perSecond', 0)} a second, ratio ${ratio('perSecond')}; p50 ${each('p50', 2)} ms, ratio ${ratio('p50')}`
}

async function measure (read: () => ReturnType<Client>): Promise<Measured> {
  const endMs = performance.now() + 1000 * SECONDS
  const startMs = performance.now()
  const told = await closedLoop(read, CONNECTIONS, Infinity, () => performance.now() >= endMs)
  const perSecond = 1000 * told.filter(({ status }) => status === 200).length / (performance.now() - startMs)
  return { perSecond, p50: quantile(told.map(({ ms }) => ms).sort((a, b) => a - b), 0.5) }
}
