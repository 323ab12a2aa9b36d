/** Clients of the measurements: each request with its answer's status and how long that took. */
import { Agent, type Dispatcher } from 'undici'

export const ACCOUNT = `AC${'0'.repeat(32)}`

export interface Ask {
  readonly method: Dispatcher.HttpMethod
  readonly path: string
  readonly caller?: string
  readonly class?: string
  readonly timeoutMs?: number
}

export interface Told {
  readonly status: number
  readonly ms: number
  /** Milliseconds since 1970. */
  readonly atMs: number
}

export type Client = (ask: Ask) => Promise<Told>

export function createClient (origin: string): { send: Client, close: () => Promise<void> } {
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 })
  return {
    send: async ({ method, path, caller, class: name, timeoutMs = 600_000 }) => {
      const sentMs = performance.now()
      const { statusCode, body } = await agent.request({
        origin,
        method,
        path,
        headers: {
          authorization: `Basic ${Buffer.from(`${ACCOUNT}:token`).toString('base64')}`,
          'governor-timeout-ms': String(timeoutMs),
          ...method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded' } : {},
          ...caller === undefined ? {} : { 'governor-caller': caller },
          ...name === undefined ? {} : { 'governor-class': name }
        },
        ...method === 'POST' ? { body: 'To=%2B15005550001&From=%2B15005550006&Body=hello' } : {}
      })
      await body.dump()
      return { status: statusCode, ms: performance.now() - sentMs, atMs: performance.timeOrigin + performance.now() }
    },
    close: () => agent.close()
  }
}

/** Requests that start at their time whatever became of those before, until `seconds` are over. */
export async function openLoop (send: () => Promise<Told>, perSecond: number, seconds: number): Promise<Told[]> {
  const pending: Array<Promise<Told>> = []
  const startMs = performance.now()
  for (let nowMs = 0; nowMs < 1000 * seconds; nowMs = performance.now() - startMs) {
    while (pending.length < perSecond * nowMs / 1000) pending.push(send())
    await new Promise((resolve) => { setTimeout(resolve, 1) })
  }
  return Promise.all(pending)
}

/** So many requests, of which `workers` are under way at once, until all are answered or `isOver`. */
export async function closedLoop (send: (i: number) => Promise<Told>, workers: number, count: number, isOver = (): boolean => false): Promise<Told[]> {
  const told: Told[] = []
  let next = 0
  await Promise.all(Array.from({ length: workers }, async () => {
    while (next < count && !isOver()) told.push(await send(next++))
  }))
  return told
}
