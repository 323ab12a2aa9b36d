/** An application as people write them: the Twilio SDK, unmodified but for its base URL, many calls at once. */
import type twilio from 'twilio'

export type Sdk = typeof twilio

export interface BurstCounts {
  sent: number
  failed: number
  /** Calls that ended in a 429. */
  seen429: number
}

/** Undefined when it is not installed: it is an optional dependency. */
export async function loadSdk (): Promise<Sdk | undefined> {
  try {
    return (await import('twilio')).default
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return undefined
    throw error
  }
}

export interface BurstOptions {
  readonly baseUrl: string
  readonly messages: number
  /** Calls at once. */
  readonly concurrency: number
  /** Once it is aborted, no further call begins; those on their way are finished. */
  readonly signal?: AbortSignal
}

/** Sends at once as many as `concurrency` allows, until all `messages` are sent. `counts` is live. */
export function sendBurst (
  sdk: Sdk, { baseUrl, messages, concurrency, signal }: BurstOptions
): { readonly counts: BurstCounts, readonly done: Promise<void> } {
  const client = sdk(`AC${'0'.repeat(32)}`, 'demo')
  client.api.baseUrl = baseUrl
  const counts: BurstCounts = { sent: 0, failed: 0, seen429: 0 }
  let next = 0
  async function work (): Promise<void> {
    while (next < messages && signal?.aborted !== true) {
      const number = ++next
      try {
        await client.messages.create({ from: '+15005550006', to: '+15005550001', body: `Message ${number}` })
        counts.sent++
      } catch (error) {
        counts.failed++
        if (error instanceof Error && 'status' in error && error.status === 429) counts.seen429++
      }
    }
  }
  return { counts, done: Promise.all(Array.from({ length: concurrency }, work)).then(() => {}) }
}
