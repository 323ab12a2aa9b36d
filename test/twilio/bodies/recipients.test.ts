import t from 'tap'
import { readFields } from '../../../src/twilio/bodies/body-field.ts'
import { maySend, recipientsOf } from '../../../src/twilio/bodies/recipients.ts'

const MESSAGES = 'POST api/2010-04-01/Accounts/{}/Messages.json'
const json = (value: unknown): string => JSON.stringify(value)

function sentTo (route: string, body: string, type = 'application/x-www-form-urlencoded', query = ''): readonly string[] | string {
  const product = route.slice(route.indexOf(' ') + 1, route.indexOf('/'))
  const recipients = recipientsOf(product, route, `/x${query}`, readFields(body, [type], false))
  return recipients.kind === 'named' ? recipients.destinations : recipients.kind === 'unreadable' ? `unreadable ${recipients.sends}` : recipients.kind
}

t.test('a write to a collection may send, but for a check of a code', async (t) => {
  for (const route of [
    MESSAGES, 'POST api/2010-04-01/Accounts/{}/Messages', 'POST api/2010-04-01/Accounts/{}/Calls.xml', 'POST verify/v2/Services/{}/Verifications',
    'POST api/2010-04-01/Accounts/{}/Conferences/{}/Participants.json', 'POST studio/v2/Flows/{}/Executions', 'POST taskrouter/v1/Workspaces/{}/Tasks/{}/Reservations/{}'
  ]) t.equal(maySend('POST', route), true, route)
  t.equal(maySend('PUT', MESSAGES.replace('POST', 'PUT')), true)
  t.equal(maySend('POST', 'POST verify/v2/Services/{}/VerificationCheck'), false)
  t.equal(maySend('POST', 'POST verify/v2/Services/{}/VerificationCheck.json'), false)
  t.equal(maySend('POST', 'POST api/2010-04-01/Accounts/{}/Calls/{}.json'), false, 'a change of one')
  t.equal(maySend('GET', 'GET api/2010-04-01/Accounts/{}/Messages.json'), false)
})

t.test('To, in the body or in the query, however often', async (t) => {
  t.same(sentTo(MESSAGES, 'To=%2B441&Body=x'), ['+441'])
  t.same(sentTo(MESSAGES, 'To=&To=%2B441'), ['+441'])
  t.same(sentTo(MESSAGES, 'To=%2B441&to=%2B442'), ['+441', '+442'])
  t.same(sentTo(MESSAGES, 'To=%2B441,%2B442;+443'), ['+441', '+442', '+443'])
  t.same(sentTo(MESSAGES, 'Body=x', undefined, '?%54o=%2B441'), ['+441'])
  t.same(sentTo(MESSAGES, '', undefined, '?To=%2B441'), ['+441'])
  t.same(sentTo(MESSAGES, 'To=sip:a@b;transport=tcp,x'), ['sip:a@b;transport=tcp,x'])
  t.same(sentTo('POST new/v1/Widgets', 'To=%2B441'), ['+441'], 'of what is not known to send')
  t.equal(sentTo(MESSAGES, 'Body=x'), 'none')
})

t.test('destinations under other names', async (t) => {
  const cases: ReadonlyArray<readonly [route: string, body: string, type: string | undefined, expected: readonly string[] | string]> = [
    ['POST notify/v1/Services/{}/Notifications', 'ToBinding=%7B%22binding_type%22:%22sms%22,%22address%22:%22%2B441%22%7D&ToBinding=%7B%22binding_type%22:%22whatsapp%22,%22address%22:%22%2B442%22%7D&Identity=a&Body=x', undefined, ['+441', 'whatsapp:+442', 'a']],
    ['POST comms/v1/Messages', json({ to: [{ address: '+441', channel: 'PHONE' }, { addresses: [{ address: '+442', channel: 'WHATSAPP' }] }, { profileId: 'p' }, {}], content: { text: 'to' } }), 'application/json', ['+441', 'whatsapp:+442', 'p', '']],
    ['POST comms/v1/Emails', json({ to: [{ address: 'A@b.c' }, { address: 'd@e.f' }] }), 'application/json', ['a@b.c', 'd@e.f']],
    ['POST conversations/v1/Conversations/{}/Participants', 'MessagingBinding.Address=%2B441&MessagingBinding.ProxyAddress=%2B442', undefined, ['+441']],
    ['POST conversations/v1/Conversations/{}/Participants', 'Identity=jane', undefined, 'none'],
    ['POST conversations/v1/ConversationWithParticipants', `Participant=${encodeURIComponent('{"messaging_binding":{"address":"+441","proxy_address":"+9"}}')}&Participant=${encodeURIComponent('{"identity":"x"}')}`, undefined, ['+441', 'x']],
    ['POST flex-api/v1/Interactions', `Channel=${encodeURIComponent('{"type":"whatsapp","initiated_by":"agent","participants":[{"address":"+441","proxy_address":"+9"}]}')}`, undefined, ['whatsapp:+441']],
    ['POST flex-api/v1/Interactions', `Channel=${encodeURIComponent('{"type":"sms","initiated_by":"customer","participants":[{"address":"+441"}]}')}`, undefined, 'none'],
    ['POST api/2010-04-01/Accounts/{}/OutgoingCallerIds.json', 'PhoneNumber=%2B441', undefined, ['+441']],
    ['POST proxy/v1/Services/{}/Sessions/{}/Participants', 'Identifier=%2B441', undefined, ['+441']],
    ['POST taskrouter/v1/Workspaces/{}/Tasks/{}/Reservations/{}', 'Instruction=call&CallTo=%2B441', undefined, ['+441']],
    ['POST taskrouter/v1/Workspaces/{}/Tasks/{}/Reservations/{}', 'ReservationStatus=accepted', undefined, 'none'],
    ['POST conversations/v1/Conversations/{}/Messages', 'Body=x', undefined, 'elsewhere'],
    ['POST conversations/v1/Conversations/{}/Messages', 'x', 'text/plain', 'elsewhere']
  ]
  for (const [route, body, type, expected] of cases) t.same(sentTo(route, body, type), expected, `${route} ${body}`)
})

t.test('ten thousand recipients are ten thousand', async (t) => {
  const to = Array.from({ length: 10_000 }, (_, i) => ({ address: `+4477009${String(i).padStart(5, '0')}`, variables: { name: `Jane ${i}` } }))
  t.equal(sentTo('POST comms/v1/Messages', json({ to }), 'application/json').length, 10_000)
})

t.test('a send that nobody can read may go anywhere, to as many as it can', async (t) => {
  t.equal(sentTo(MESSAGES, 'x', 'text/plain'), 'unreadable 1')
  t.equal(sentTo('POST comms/v1/Messages', 'x', 'text/plain'), 'unreadable 10000')
  t.equal(sentTo('POST notify/v1/Services/{}/Notifications', 'x', 'text/plain'), 'unreadable 10000')
  t.equal(sentTo(MESSAGES, 'x', 'text/plain', '?To=%2B441'), 'unreadable 1', 'whatever else is there')
  t.equal(sentTo('POST serverless-upload/v1/Services/{}/Assets/{}/Versions', 'x', 'text/plain'), 'none', 'an upload')
})
