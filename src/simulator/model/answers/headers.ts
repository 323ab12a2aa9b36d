import type { Count } from '../account.ts'
import type { Random } from '../random.ts'
import type { FeedbackHeaders } from '../settings.ts'

/** What a strange server might put where a count belongs. */
export const ABSURD_COUNTS: readonly string[] = ['0', '-5', 'many', '1e9', '1000000000', 'NaN', '3.7', '']

/** Twilio-Concurrent-Requests of a request that was let in; undefined when it carries none. */
export function countOnAnswer (
  headers: FeedbackHeaders,
  arrival: Count,
  departure: Count,
  random: Random
): string | undefined {
  if (!headers.present) return undefined
  if (headers.value !== null) return headers.value
  return shown(headers, headers.takenAt === 'arrival' ? arrival : departure, 1, random)
}

/** Twilio-Concurrent-Requests of a refusal. */
export function countOnRefusal (headers: FeedbackHeaders, met: Count, random: Random): string | undefined {
  if (!headers.present || !headers.presentOn429) return undefined
  if (headers.value !== null) return headers.value
  switch (headers.countOn429) {
    case 'with_refused': return shown(headers, met, 1, random)
    case 'without_refused': return shown(headers, met, 0, random)
    case 'one': return '1'
  }
}

function shown (headers: FeedbackHeaders, count: Count, self: 0 | 1, random: Random): string {
  const n = headers.lagMs === 0 ? count.exact + self : count.lagging
  const noisy = headers.noise === 0 ? n : Math.round(n * (1 + headers.noise * random.normal()))
  return String(Math.max(1, noisy))
}
