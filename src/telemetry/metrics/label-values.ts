/** Closed sets that only labels have. All others are where their values come from: proxy/reasons.ts, policy, twilio. */
import type { Outcome } from '../../proxy/reasons.ts'
import { METHODS } from '../../twilio/methods.ts'
import { SDKS, type Sdk } from '../../twilio/sdk.ts'

export const SDK_LABELS: readonly Sdk[] = [...SDKS, 'other']

/** How a cached answer came to be given: at once, or when Twilio had said that it still holds. */
export const CACHE_RESULTS = ['hit', 'revalidated'] as const

/** What became of a create that repeated one whose outcome was unknown. */
export const DUPLICATE_ACTIONS = ['passed', 'refused'] as const

/** What became of a send above a spend cap. */
export const CAP_ACTIONS = ['passed', 'refused'] as const

/** Whose limit a 429 of Twilio spoke for. */
export const THROTTLE_KINDS = ['account', 'route', 'final'] as const
export type ThrottleKind = (typeof THROTTLE_KINDS)[number]

export const METHOD_LABELS = [...METHODS, 'other'] as const

const knownMethods: ReadonlySet<string> = new Set(METHODS)

/** A method as a label: a client may invent methods, a label may not. */
export const methodLabel = (method: string): string => knownMethods.has(method) ? method : 'other'

/** Whose limit it was, when the outcome is a 429 of Twilio. */
export function throttleKind (outcome: Outcome): ThrottleKind | undefined {
  switch (outcome) {
    case 'throttled_account': return 'account'
    case 'throttled_route': return 'route'
    case 'throttled_final': return 'final'
    default: return undefined
  }
}
