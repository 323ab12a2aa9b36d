import t from 'tap'
import twilio from 'twilio'
import type { Simulator } from '../../src/simulator/server.ts'
import { SID, simulator } from './support.ts'

const message = (body: string): { to: string, from: string, body: string } => ({ to: '+15550001111', from: '+15550002222', body })

/** Twilio's SDK, told the base URL of api alone. */
function basic ({ origin }: Simulator): twilio.Twilio {
  const client = twilio(SID, 'secret')
  client.api.baseUrl = origin
  return client
}

/** Twilio's SDK with a client that sends every host to the simulator, the host as first path segment. */
function rewriting ({ origin }: Simulator, seen: string[]): twilio.Twilio {
  const httpClient = new twilio.RequestClient()
  const send = httpClient.request.bind(httpClient)
  httpClient.request = (options) => {
    const { hostname, pathname, search } = new URL(options.uri)
    seen.push(hostname)
    return send({ ...options, uri: `${origin}/${hostname}${pathname}${search}` })
  }
  return twilio(SID, 'secret', { httpClient })
}

t.test('the SDK creates, fetches, updates and deletes a message', async (t) => {
  const client = basic(await simulator(t))
  const created = await client.messages.create(message('hello'))
  t.match(created, { accountSid: SID, status: 'queued', body: 'hello', to: '+15550001111', from: '+15550002222', numSegments: '1', direction: 'outbound-api' })
  t.match(created.sid, /^SM[0-9a-f]{32}$/)
  t.ok(created.dateCreated instanceof Date && Math.abs(Date.now() - created.dateCreated.getTime()) < 5000)
  t.equal((await client.messages(created.sid).fetch()).body, 'hello')
  t.equal((await client.messages(created.sid).update({ body: '' })).body, '')
  t.equal(await client.messages(created.sid).remove(), true)
  await t.rejects(client.messages(created.sid).fetch(), { status: 404, code: 20404 })
})

t.test('the SDK lists messages over pages, following relative links', async (t) => {
  const subject = await simulator(t)
  const client = basic(subject)
  for (let i = 0; i < 5; i++) await client.messages.create(message(`number ${i}`))
  const before = subject.stats().received
  const listed = await client.messages.list({ pageSize: 3 })
  t.same(listed.map(({ body }) => body), ['number 4', 'number 3', 'number 2', 'number 1', 'number 0'])
  t.equal(subject.stats().received - before, 2, 'two pages')
})

t.test('the SDK places, fetches and ends a call, and finds its recordings', async (t) => {
  const client = basic(await simulator(t))
  const call = await client.calls.create({ to: '+15550001111', from: '+15550002222', twiml: '<Response/>' })
  t.match(call, { status: 'queued', sid: /^CA/, accountSid: SID })
  t.equal((await client.calls(call.sid).update({ status: 'completed' })).status, 'completed')
  t.equal((await client.calls.list()).length, 1)
  const recording = await client.calls(call.sid).recordings.create({})
  t.match(recording, { callSid: call.sid, sid: /^RE/ })
  t.same((await client.calls(call.sid).recordings.list()).map(({ sid }) => sid), [recording.sid])
  t.equal((await client.recordings.list()).length, 4, 'with the three that an account has from the start')
  t.equal((await client.recordings(recording.sid).fetch()).callSid, call.sid)
})

t.test('what Twilio would refuse is refused with its code', async (t) => {
  const client = basic(await simulator(t))
  await t.rejects(client.messages.create({ to: '', from: '+15550002222', body: 'x' }), { status: 400, code: 21604 })
  await t.rejects(client.messages.create({ to: '+15550001111', from: '+15550002222' }), { status: 400, code: 21602 })
  await t.rejects(client.calls.create({ to: '+15550001111', from: '+15550002222', twiml: '' }), { status: 400, code: 21205 })
  await t.rejects(client.messages.page({ pageSize: 5000 }), { status: 400, code: 20007 })
})

t.test('Verify pages follow absolute links, through a client that rewrites hosts', async (t) => {
  const seen: string[] = []
  const client = rewriting(await simulator(t), seen)
  for (let i = 0; i < 5; i++) await client.verify.v2.services.create({ friendlyName: `service ${i}` })
  seen.length = 0
  const services = await client.verify.v2.services.list({ pageSize: 2 })
  t.same(services.map(({ friendlyName }) => friendlyName), ['service 4', 'service 3', 'service 2', 'service 1', 'service 0'])
  t.same(seen, ['verify.twilio.com', 'verify.twilio.com', 'verify.twilio.com'])
})

t.test('the SDK verifies a number: a wrong code leaves it pending, a right one approves it', async (t) => {
  const client = rewriting(await simulator(t), [])
  const { sid } = await client.verify.v2.services.create({ friendlyName: 'shop' })
  const service = client.verify.v2.services(sid)
  const started = await service.verifications.create({ to: '+15550001111', channel: 'sms' })
  t.match(started, { status: 'pending', valid: false, serviceSid: sid, sid: /^VE/ })
  t.match(await service.verificationChecks.create({ to: '+15550001111', code: '000000' }), { status: 'pending', valid: false })
  t.match(await service.verificationChecks.create({ to: '+15550001111', code: '123456' }), { status: 'approved', valid: true })
  t.equal((await service.verifications('+15550001111').fetch()).status, 'approved')
  await t.rejects(service.verificationChecks.create({ to: '+15550009999', code: '123456' }), { status: 404, code: 20404 })
})

t.test('the SDK looks numbers up and works on tasks', async (t) => {
  const client = rewriting(await simulator(t), [])
  t.match(await client.lookups.v2.phoneNumbers('+14155550100').fetch(), { valid: true, countryCode: 'US', nationalFormat: '(415) 555-0100' })
  t.match(await client.lookups.v2.phoneNumbers('+1').fetch(), { valid: false })
  const workspace = client.taskrouter.v1.workspaces(`WS${'3'.repeat(32)}`)
  const task = await workspace.tasks.create({ attributes: '{"a":1}', priority: 5 })
  t.match(task, { attributes: '{"a":1}', priority: 5, assignmentStatus: 'pending', workspaceSid: `WS${'3'.repeat(32)}` })
  t.match(await workspace.tasks(task.sid).update({ assignmentStatus: 'canceled' }), { assignmentStatus: 'canceled' })
  t.equal((await workspace.tasks.list()).length, 1)
  t.equal(await workspace.tasks(task.sid).remove(), true)
})

const others: ReadonlyArray<readonly [name: string, run: (client: twilio.Twilio) => Promise<unknown>]> = [
  ['conversations', (client) => client.conversations.v1.conversations.create({ friendlyName: 'chat' })],
  ['messaging services', (client) => client.messaging.v1.services.create({ friendlyName: 'notices' })],
  ['studio executions', (client) => client.studio.v2.flows(`FW${'4'.repeat(32)}`).executions.create({ to: '+1', from: '+2' })],
  ['sync documents', (client) => client.sync.v1.services(`IS${'4'.repeat(32)}`).documents('my-doc').fetch()],
  ['numbers', (client) => client.incomingPhoneNumbers.create({ phoneNumber: '+15550003333' })],
  ['the balance', (client) => client.balance.fetch()]
]
const lists: ReadonlyArray<readonly [name: string, run: (client: twilio.Twilio) => Promise<unknown[]>]> = [
  ['usage', (client) => client.usage.records.list()],
  ['usage by day', (client) => client.usage.records.daily.list()],
  ['usage of today', (client) => client.usage.records.today.list()],
  ['usage of this month', (client) => client.usage.records.thisMonth.list({ limit: 5 })],
  ['media', (client) => client.messages(`SM${'4'.repeat(32)}`).media.list()],
  ['local numbers', (client) => client.availablePhoneNumbers('US').local.list()],
  ['toll-free numbers', (client) => client.availablePhoneNumbers('US').tollFree.list({ limit: 5 })],
  ['own mobile numbers', (client) => client.incomingPhoneNumbers.mobile.list()],
  ['content', (client) => client.content.v1.contents.list()],
  ['campaigns', (client) => client.messaging.v1.services(`MG${'4'.repeat(32)}`).usAppToPerson.list()],
  ['credentials', (client) => client.accounts.v1.credentials.aws.list()]
]
t.test('the SDK can list what is in no plural', async (t) => {
  const client = rewriting(await simulator(t), [])
  for (const [name, run] of lists) t.same(await run(client), [], name)
  const campaigns = client.messaging.v1.services(`MG${'4'.repeat(32)}`).usAppToPerson
  await campaigns.create({
    brandRegistrationSid: 'BN1', description: 'd', messageFlow: 'm', messageSamples: ['s'], usAppToPersonUsecase: 'MARKETING', hasEmbeddedLinks: false, hasEmbeddedPhone: false
  })
  t.equal((await campaigns.list()).length, 1, 'and what was created is there')
})

t.test('anything else of Twilio answers something that the SDK can read', async (t) => {
  const client = rewriting(await simulator(t), [])
  for (const [name, run] of others) t.match(await run(client), { accountSid: SID }, name)
  t.equal((await client.api.v2010.accounts(SID).fetch()).sid, SID)
  t.same(await client.conferences.list(), [])
})
