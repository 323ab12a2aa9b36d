import t from 'tap'
import { readFields } from '../../../src/twilio/bodies/body-field.ts'
import { maySend, recipientsOf, type Recipients } from '../../../src/twilio/bodies/recipients.ts'

const MESSAGES = 'POST api/2010-04-01/Accounts/{}/Messages.json'
const INTERACTIONS = 'POST flex-api/v1/Interactions'

const of = (route: string, fields: Readonly<Record<string, unknown>>, path = '/x'): Recipients => {
  const product = route.slice(route.indexOf(' ') + 1, route.indexOf('/'))
  return recipientsOf(product, route, path, readFields(JSON.stringify(fields), ['application/json'], false))
}
const sentTo = (route: string, fields: Readonly<Record<string, unknown>>): readonly string[] | string => {
  const recipients = of(route, fields)
  return recipients.kind === 'named' ? recipients.destinations : recipients.kind
}

t.test('a write is any of POST, PUT and PATCH', async (t) => {
  t.same(
    ['POST', 'PUT', 'PATCH', 'DELETE', 'GET'].map((method) => maySend(method, MESSAGES)),
    [true, true, true, false, false]
  )
})

t.test('a change of one thing sends nothing, but for a reservation', async (t) => {
  t.equal(maySend('POST', 'POST taskrouter/v1/Workspaces/{}/Workers/{}/Reservations/{}'), true)
  t.equal(maySend('POST', 'POST verify/v2/Services/{}'), false)
})

t.test('a list in text may end with a separator, or have none of its parts', async (t) => {
  t.same(sentTo(MESSAGES, { To: '+441,+442;' }), ['+441', '+442'])
  t.same(sentTo(MESSAGES, { To: ',;' }), 'none')
})

t.test('what begins like JSON and is none is a name', async (t) => {
  t.same(sentTo(MESSAGES, { To: '{alice' }), ['{alice'])
  t.same(sentTo(MESSAGES, { To: ' ["+441", "+442"]' }), ['+441', '+442'])
})

t.test('a channel is put in front of an address that has none', async (t) => {
  const binding = (address: string): string => JSON.stringify({ binding_type: 'WhatsApp', address })
  t.same(sentTo('POST notify/v1/Services/{}/Notifications', { ToBinding: ['+441', 'whatsapp:+442'].map(binding) }), [
    'whatsapp:+441', 'whatsapp:+442'
  ])
})

t.test('contact is made only where an agent began', async (t) => {
  const channel = (began: string): object => ({ type: 'sms', initiated_by: began, participants: [{ address: '+441' }] })
  t.same(
    ['agent', 'customer', 'api'].map((began) => sentTo(INTERACTIONS, { Channel: channel(began) })),
    [['+441'], 'none', 'none']
  )
})

t.test('an object that names nobody, and what lies too deep, are somebody whom nobody can tell', async (t) => {
  const nested = (depth: number): unknown => depth === 0 ? '+441' : [nested(depth - 1)]
  t.same(sentTo(MESSAGES, { To: { x: '+441' } }), [''])
  t.same(sentTo(MESSAGES, { To: nested(17) }), ['+441'])
  t.same(sentTo(MESSAGES, { To: nested(18) }), [''])
})

t.test('a body that nobody can read goes to as many as such a request can reach, or elsewhere', async (t) => {
  const unreadable = (route: string): Recipients => recipientsOf(route.split(/[ /]/)[1]!, route, '/x', undefined)
  t.same(unreadable(MESSAGES), { kind: 'unreadable', sends: 1 })
  t.same(unreadable('POST notify/v1/Services/{}/Notifications'), { kind: 'unreadable', sends: 10_000 })
  t.same(unreadable('POST comms/v1/Messages'), { kind: 'unreadable', sends: 10_000 })
  t.same(unreadable('POST wireless/v1/Commands'), { kind: 'elsewhere' })
  t.same(unreadable('POST verify/v2/Services'), { kind: 'none' })
  t.same(
    recipientsOf('wireless', 'POST wireless/v1/Commands', '/x?To=%2B441', undefined),
    { kind: 'named', destinations: ['+441'] }
  )
})
