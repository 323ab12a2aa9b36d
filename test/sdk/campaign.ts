import type { Test } from 'tap'
import type { Stats } from '../../src/simulator/model/statistics.ts'
import { text, type Stage } from './stage.ts'

/** Sends so many messages, each with a text of its own, from so many calls at once; resolves with how long it took. */
export async function campaign ({ client, twilio }: Stage, { messages, calls }: { messages: number, calls: number }): Promise<{ readonly errors: unknown[], readonly elapsedMs: number }> {
  const errors: unknown[] = []
  let next = 0
  const call = async (): Promise<void> => {
    while (next < messages) {
      const number = ++next
      await client.messages.create(text(`Message ${number}`)).catch((error: unknown) => { errors.push(error) })
    }
  }
  twilio.start()
  const startedAtMs = performance.now()
  await Promise.all(Array.from({ length: calls }, call))
  return { errors, elapsedMs: performance.now() - startedAtMs }
}

/** Every promise was kept, and Twilio carried each message out once. */
export function assertAllOnce (t: Test, { twilio, log }: Stage, errors: readonly unknown[], messages: number): Stats {
  const stats = twilio.stats()
  t.same(errors, [], 'every promise resolves: no 429, no other error')
  t.equal(stats.creates.total, messages, 'each message was carried out')
  t.equal(stats.duplicates, 0, 'none twice')
  t.equal(log().filter(({ msg, status }) => msg === 'exchange' && status === 201).length, messages, 'the log has a line for each')
  return stats
}

/** The share of attempts that Twilio refused from a second on, counted from the start of the simulator. */
export function throttledShare ({ seconds }: Stats, from: number): { readonly attempts: number, readonly share: number } {
  const later = seconds.filter(({ second }) => second >= from)
  const throttled = later.reduce((sum, bucket) => sum + bucket.throttled, 0)
  const attempts = later.reduce((sum, bucket) => sum + bucket.admitted, throttled)
  return { attempts, share: throttled / attempts }
}
