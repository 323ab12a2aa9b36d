import { SDK_PATH_WORDS } from '../sdk-names.ts'

/**
 * Of hosts and versions that the Node SDK leaves out, from Twilio's documentation; of the versions that stand before
 * its paths.
 */
const OTHER_WORDS: readonly string[] = [
  '.well-known', '2008-08-01', '2010-04-01', 'Assistants', 'BulkExports', 'DeployedDevices', 'Emails', 'Feedbacks', 'HostedNumbers',
  'Organizations', 'PushNotifications', 'Sync', 'Tools', 'marketplace', 'oauth-authorization-server', 'preview', 'twiml',
  'understand', 'v1', 'v2', 'v2010', 'v3', 'v4', 'wireless'
]

/**
 * Every literal word in the paths of Twilio's REST API, sorted: versions, resources and actions, without `.json`.
 * `GB`, which the SDK has as a literal, is left out: a country is data.
 */
export const PATH_WORDS: readonly string[] = [...new Set([...SDK_PATH_WORDS, ...OTHER_WORDS])].sort()
