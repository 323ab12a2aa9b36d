/** Load from this process: open loop at a rate, where a late answer delays nobody, and closed loop for the peak. */
import { Pool } from 'undici'

const PATH = `/2010-04-01/Accounts/AC${'0'.repeat(32)}/Messages.json`
const REQUEST = {
  path: PATH,
  method: 'POST',
  headers: {
    'content-type': 'application/x-www-form-urlencoded',
    authorization: `Basic ${Buffer.from(`AC${'0'.repeat(32)}:token`).toString('base64')}`
  },
  body: 'To=%2B15005550001&From=%2B15005550006&Body=hello+world'
} as const

export type Send = () => Promise<void>

export function createSender (origin: string, connections: number): { send: Send, close: () => Promise<void> } {
  const pool = new Pool(origin, { connections, pipelining: 1 })
  return {
    send: async () => {
      const { statusCode, body } = await pool.request(REQUEST)
      await body.dump()
      if (statusCode !== 201) throw new Error(`status ${statusCode}`)
    },
    close: () => pool.close()
  }
}

/** Latencies in milliseconds of `perSecond × seconds` requests, each started at its time whatever became of those before. */
export async function openLoop (send: Send, perSecond: number, seconds: number): Promise<number[]> {
  const total = perSecond * seconds
  const latencies: number[] = []
  const pending: Array<Promise<void>> = []
  const startMs = performance.now()
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, Math.floor((performance.now() - startMs) * perSecond / 1000))
    for (; sent < due; sent++) {
      const sentMs = performance.now()
      pending.push(send().then(() => { latencies.push(performance.now() - sentMs) }))
    }
    await new Promise((resolve) => { setTimeout(resolve, 1) })
  }
  await Promise.all(pending)
  return latencies.sort((a, b) => a - b)
}

/** Requests a second that `workers` get through when each sends as soon as it has its answer. */
export async function closedLoop (send: Send, workers: number, seconds: number): Promise<number> {
  const endMs = performance.now() + 1000 * seconds
  const startMs = performance.now()
  let done = 0
  await Promise.all(Array.from({ length: workers }, async () => {
    while (performance.now() < endMs) {
      await send()
      done++
    }
  }))
  return 1000 * done / (performance.now() - startMs)
}

/** Of sorted numbers. */
export function quantile (sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN
}

export function median (numbers: readonly number[]): number {
  return quantile([...numbers].sort((a, b) => a - b), 0.5)
}
