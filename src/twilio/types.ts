import type { KnownProduct } from './products.ts'

/** Traffic classes, most urgent first. The order is the order of the weights in the config. */
export const TRAFFIC_CLASSES = ['critical', 'standard', 'read', 'bulk'] as const
export type TrafficClass = (typeof TRAFFIC_CLASSES)[number]

/** A Twilio product: the first label of its API host (`verify` of verify.twilio.com). Settings can add some. */
export type Product = KnownProduct | (string & Record<never, never>)
