import t from 'tap'
import { callbackFor } from '../../src/twilio/callbacks.ts'

t.test('the callback for a resource is named, whether one is read or a list', async (t) => {
  for (const [product, route, callback] of [
    ['api', 'GET api/2010-04-01/Accounts/{}/Messages/{}.json', /^StatusCallback, given when the message/],
    ['api', 'GET api/2010-04-01/Accounts/{}/Messages.json', /^StatusCallback, given when the message/],
    ['api', 'GET api/2010-04-01/Accounts/{}/Calls/{}.json', /StatusCallbackEvent/],
    ['api', 'GET api/2010-04-01/Accounts/{}/Calls/{}/Recordings.json', /^RecordingStatusCallback/],
    ['verify', 'GET verify/v2/Services/{}/Verifications/{}', /60 a minute/],
    ['taskrouter', 'GET taskrouter/v1/Workspaces/{}/Tasks/{}', /EventCallbackUrl/],
    ['video', 'GET video/v1/Rooms/{}', /StatusCallback/]
  ] as const) t.match(callbackFor(product, route), callback, route)
})

t.test('where Twilio has none, none is named', async (t) => {
  for (const [product, route] of [
    ['api', 'GET api/2010-04-01/Accounts/{}.json'],
    ['lookups', 'GET lookups/v2/PhoneNumbers/{}'],
    ['api', 'GET api/2010-04-01/Accounts/{}/MessagesOfAnotherKind.json']
  ] as const) t.equal(callbackFor(product, route), undefined, route)
})
