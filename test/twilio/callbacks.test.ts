import t from 'tap'
import { callbackFor } from '../../src/twilio/callbacks.ts'

t.test('the callback for a resource is named, whether one is read or a list', async (t) => {
  for (const [product, route, callback] of [
    ['api', 'GET api/2010-04-01/Accounts/{}/Messages/{}.json', /^StatusCallback, given when the message/],
    ['api', 'GET api/2010-04-01/Accounts/{}/Messages.json', /^StatusCallback, given when the message/],
    ['api', 'GET api/2010-04-01/Accounts/{}/Calls/{}.json', /StatusCallbackEvent/],
    ['api', 'GET api/2010-04-01/Accounts/{}/Calls/{}/Recordings.json', /^RecordingStatusCallback/],
    ['api', 'GET api/2010-04-01/Accounts/{}/OutgoingCallerIds.json', /verification of the caller ID/],
    ['verify', 'GET verify/v2/Services/{}/Verifications/{}', /Event Streams.*60 a minute/],
    ['verify', 'GET verify/v2/Services/{}/Entities/{}/Challenges/{}', /Services\/{}\/Webhooks/],
    ['conversations', 'GET conversations/v1/Services/{}/Conversations/{}/Messages', /webhook/],
    ['chat', 'GET chat/v2/Services/{}/Channels/{}', /webhook/],
    ['sync', 'GET sync/v1/Services/{}/Documents/{}', /WebhookUrl/],
    ['proxy', 'GET proxy/v1/Services/{}/Sessions/{}/Interactions', /CallbackUrl/],
    ['numbers', 'GET numbers/v2/RegulatoryCompliance/Bundles/{}', /StatusCallback/],
    ['intelligence', 'GET intelligence/v2/Transcripts/{}', /WebhookUrl/],
    ['supersim', 'GET supersim/v1/Sims/{}', /CallbackUrl/],
    ['wireless', 'GET wireless/v1/Commands/{}', /CallbackUrl/],
    ['taskrouter', 'GET taskrouter/v1/Workspaces/{}/Tasks/{}', /EventCallbackUrl/],
    ['video', 'GET video/v1/Rooms/{}', /StatusCallback/]
  ] as const) t.match(callbackFor(product, route), callback, route)
})

t.test('where Twilio has none, none is named', async (t) => {
  for (const [product, route] of [
    ['api', 'GET api/2010-04-01/Accounts/{}.json'],
    ['lookups', 'GET lookups/v2/PhoneNumbers/{}'],
    ['pricing', 'GET pricing/v2/Voice/Countries/{}'],
    ['api', 'GET api/2010-04-01/Accounts/{}/MessagesOfAnotherKind.json']
  ] as const) t.equal(callbackFor(product, route), undefined, route)
})

t.test('none is named that tells of something else than what is read: calls of a number, messages of a service', async (t) => {
  for (const [product, route] of [
    ['api', 'GET api/2010-04-01/Accounts/{}/IncomingPhoneNumbers.json'],
    ['messaging', 'GET messaging/v1/Services/{}'],
    ['verify', 'GET verify/v2/Services/{}'],
    ['verify', 'GET verify/v2/Services/{}/Webhooks'],
    ['conversations', 'GET conversations/v1/Services/{}'],
    ['sync', 'GET sync/v1/Services/{}'],
    ['intelligence', 'GET intelligence/v2/Services/{}'],
    ['wireless', 'GET wireless/v1/Sims/{}/UsageRecords']
  ] as const) t.equal(callbackFor(product, route), undefined, route)
})
