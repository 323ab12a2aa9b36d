import { SDK_PRODUCTS } from './sdk-names.ts'
import type { Product } from './types.ts'

/**
 * Products that have a host and are not in the newest Node SDK. `assistants` was in older ones; the others are only
 * documented: bulk messaging, media of conversations, uploads, TwiML bins, and the test of TLS.
 */
const OTHER_PRODUCTS: readonly Product[] = [
  'assistants',
  'comms',
  'mcs',
  'serverless-upload',
  'lookups-upload',
  'handler',
  'tls-test'
]

/** First labels of Twilio's API hosts. Settings can add more: `upstream.hosts`. */
export const PRODUCTS: readonly Product[] = [...SDK_PRODUCTS, ...OTHER_PRODUCTS]
