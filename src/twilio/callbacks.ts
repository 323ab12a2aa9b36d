/** What Twilio calls back about, so that nobody has to ask: by product and the beginning of a route's path. */
const CALLBACKS: ReadonlyArray<readonly [product: string, path: RegExp, how: string]> = [
  ['api', /\/Accounts\/{}\/Messages\b/, 'StatusCallback, given when the message is created'],
  ['api', /\/Accounts\/{}\/Calls\/{}\/Recordings\b|\/Accounts\/{}\/Recordings\b/, 'RecordingStatusCallback, given when the recording is started'],
  ['api', /\/Accounts\/{}\/Calls\/{}\/Transcriptions\b/, 'StatusCallbackUrl, given when the transcription is started'],
  ['api', /\/Accounts\/{}\/Calls\b/, 'StatusCallback with StatusCallbackEvent, given when the call is created'],
  ['api', /\/Accounts\/{}\/Conferences\b/, 'ConferenceStatusCallback and StatusCallback, given when the participant is added'],
  ['api', /\/Accounts\/{}\/Usage\b/, 'a Usage Trigger with a CallbackUrl'],
  ['api', /\/Accounts\/{}\/(?:IncomingPhoneNumbers|OutgoingCallerIds)\b/, 'StatusCallback of the number'],
  ['verify', /\/Services\/{}\/Verifications?\b/, 'a webhook of the Verify service (Services/{}/Webhooks); reading a verification is limited to 60 a minute'],
  ['verify', /\/Services\b/, 'a webhook of the Verify service (Services/{}/Webhooks)'],
  ['video', /\/(?:Rooms|Compositions|CompositionHooks|Recordings)\b/, 'StatusCallback, given when the room or composition is created'],
  ['taskrouter', /\/Workspaces\b/, 'EventCallbackUrl of the workspace'],
  ['conversations', /./, 'a webhook of the service or conversation'],
  ['chat', /./, 'a webhook of the service'],
  ['sync', /\/Services\b/, 'WebhookUrl of the service'],
  ['proxy', /\/Services\b/, 'CallbackUrl of the service'],
  ['messaging', /\/Services\b/, 'StatusCallback of the messaging service'],
  ['trusthub', /\/(?:CustomerProfiles|TrustProducts)\b/, 'StatusCallback of the profile or product'],
  ['numbers', /\/(?:RegulatoryCompliance\/Bundles|HostedNumber)\b/, 'StatusCallback of the bundle or order'],
  ['intelligence', /\/Services\b/, 'WebhookUrl of the service'],
  ['bulkexports', /\/Exports\b/, 'WebhookUrl, given when the job is created'],
  ['supersim', /./, 'StatusCallbackUrl or CallbackUrl of the SIM or command'],
  ['wireless', /./, 'StatusCallback or CallbackUrl of the SIM or command']
]

/**
 * The callback that saves reading such a route again and again; undefined where Twilio has none.
 * https://www.twilio.com/docs/usage/rest-api-best-practices
 *
 * @param route a template as routeTemplate makes it, whatever stands before it
 */
export function callbackFor (product: string, route: string): string | undefined {
  return CALLBACKS.find(([of, path]) => of === product && path.test(route))?.[2]
}
