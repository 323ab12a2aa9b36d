import type { KnownProduct } from './products.ts'
import type { Product } from './types.ts'

/**
 * What Twilio calls back about, so that nobody has to ask: by product and a part of a route's path. Only callbacks that
 * tell what such a read tells: that of a phone number is about its calls, that of a messaging service about its
 * messages.
 */
const CALLBACKS: ReadonlyArray<readonly [product: KnownProduct, path: RegExp, how: string]> = [
  ['api', /\/Accounts\/{}\/Messages\b/, 'StatusCallback, given when the message is created'],
  [
    'api',
    /\/Accounts\/{}\/Calls\/{}\/Recordings\b|\/Accounts\/{}\/Recordings\b/,
    'RecordingStatusCallback, given when the recording is started'
  ],
  ['api', /\/Accounts\/{}\/Calls\/{}\/Transcriptions\b/, 'StatusCallbackUrl, given when the transcription is started'],
  ['api', /\/Accounts\/{}\/Calls\b/, 'StatusCallback with StatusCallbackEvent, given when the call is created'],
  [
    'api',
    /\/Accounts\/{}\/Conferences\b/,
    'ConferenceStatusCallback and StatusCallback, given when the participant is added'
  ],
  ['api', /\/Accounts\/{}\/Usage\b/, 'a Usage Trigger with a CallbackUrl'],
  [
    'api',
    /\/Accounts\/{}\/OutgoingCallerIds\b/,
    'StatusCallback, given when the verification of the caller ID is started'
  ],
  [
    'verify',
    /\/Services\/{}\/Verifications\b/,
    'the verification events of Event Streams; reading a verification is limited to 60 a minute'
  ],
  ['verify', /\/Entities\/{}\/(?:Factors|Challenges)\b/, 'a webhook of the Verify service (Services/{}/Webhooks)'],
  [
    'video',
    /\/(?:Rooms|Compositions|CompositionHooks|Recordings)\b/,
    'StatusCallback, given when the room or composition is created'
  ],
  ['taskrouter', /\/Workspaces\b/, 'EventCallbackUrl of the workspace'],
  ['conversations', /\/(?:Conversations|Users)\b/, 'a webhook of the service or conversation'],
  ['chat', /\/(?:Channels|Users)\b/, 'a webhook of the service'],
  ['sync', /\/Services\/{}\/./, 'WebhookUrl of the service'],
  ['proxy', /\/Services\/{}\/Sessions\b/, 'CallbackUrl of the service'],
  ['trusthub', /\/(?:CustomerProfiles|TrustProducts)\b/, 'StatusCallback of the profile or product'],
  ['numbers', /\/(?:RegulatoryCompliance\/Bundles|HostedNumber)\b/, 'StatusCallback of the bundle or order'],
  ['intelligence', /\/Transcripts\b/, 'WebhookUrl of the service'],
  ['bulkexports', /\/Exports\b/, 'WebhookUrl, given when the job is created'],
  [
    'supersim',
    /\/(?:Sims|SmsCommands|IpCommands|ESimProfiles)(?:\/{})?$/,
    'CallbackUrl, given when the SIM is changed or the command is sent'
  ],
  ['wireless', /\/(?:Sims|Commands)(?:\/{})?$/, 'CallbackUrl, given when the SIM is changed or the command is sent']
]

/**
 * The callback that saves reading such a route again and again; undefined where Twilio has none.
 * https://www.twilio.com/docs/usage/rest-api-best-practices, https://www.twilio.com/docs/verify/api/webhooks,
 * https://www.twilio.com/docs/verify/verify-events
 *
 * @param route a template as routeTemplate makes it, whatever stands before it
 */
export function callbackFor (product: Product, route: string): string | undefined {
  return CALLBACKS.find(([of, path]) => of === product && path.test(route))?.[2]
}
