import { SDK_PRODUCTS } from './sdk-names.ts'

/**
 * Products that have a host and are not in the newest Node SDK. `assistants` was in older ones; the others are only
 * documented: bulk messaging, media of conversations, uploads, TwiML bins, and the test of TLS.
 */
const OTHER_PRODUCTS = [
  'assistants',
  'comms',
  'mcs',
  'serverless-upload',
  'lookups-upload',
  'handler',
  'tls-test'
] as const

/** A product that this version knows: what our own tables and presets name. */
export type KnownProduct = (typeof SDK_PRODUCTS)[number] | (typeof OTHER_PRODUCTS)[number]

/** First labels of Twilio's API hosts. Settings can add more: `upstream.hosts`. */
export const PRODUCTS: readonly string[] = [...SDK_PRODUCTS, ...OTHER_PRODUCTS]
