import type { Product } from '../../twilio/types.ts'

/** PRODUCTS of twilio/hosts.ts, whose values are not for this folder; a test holds the two together. */
export const PRODUCT_NAMES: readonly Product[] = [
  'accounts', 'api', 'assistants', 'bulkexports', 'chat', 'content', 'conversations', 'events', 'flex-api',
  'frontline-api', 'iam', 'insights', 'intelligence', 'ip-messaging', 'knowledge', 'lookups', 'marketplace',
  'memory', 'messaging', 'monitor', 'notify', 'numbers', 'oauth', 'preview', 'preview-iam', 'pricing', 'proxy',
  'routes', 'serverless', 'studio', 'supersim', 'sync', 'taskrouter', 'trunking', 'trusthub', 'verify', 'video',
  'voice', 'wireless',
  'comms', 'mcs', 'serverless-upload', 'lookups-upload', 'handler', 'tls-test'
]
