import { connect } from 'node:net'
import t, { type Test } from 'tap'
import type { FaultRule } from '../../src/simulator/model/settings.ts'
import type { Simulator } from '../../src/simulator/server.ts'
import { ask, AUTHORIZATION, message, MESSAGES, simulator } from './support.ts'

const BODY = 'To=%2B15550001111&From=%2B15550002222&Body=hello'

interface Raw { readonly text: string, readonly end: 'closed' | 'reset', readonly firstByteMs: number, readonly endMs: number }

/** What a client sees on the wire: the bytes, and how the connection ended. */
const raw = ({ origin }: Simulator): Promise<Raw> => new Promise((resolve) => {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1')
  let text = ''
  let firstByteMs = 0
  const start = performance.now()
  const done = (end: Raw['end']): void => resolve({ text, end, firstByteMs, endMs: performance.now() - start })
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    if (text === '') firstByteMs = performance.now() - start
    text += chunk
  })
  socket.on('end', () => done('closed'))
  socket.on('error', () => done('reset'))
  socket.write(`POST ${MESSAGES} HTTP/1.1\r\nHost: api.twilio.com\r\nAuthorization: ${AUTHORIZATION}\r\nConnection: close\r\n` +
    `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`)
})

const faulty = (t: Test, fault: Omit<FaultRule, 'next'>): Promise<Simulator> => simulator(t, { faults: [{ ...fault, next: 1 }] })
const creates = (subject: Simulator): number => subject.stats().creates.total

t.test('reset_before: the connection breaks and nothing was created', async (t) => {
  const subject = await faulty(t, { kind: 'reset_before' })
  t.match(await raw(subject), { text: '', end: 'reset' })
  t.equal(creates(subject), 0)
  t.equal(subject.stats().faults.reset_before, 1)
  t.match((await raw(subject)).text, /^HTTP\/1\.1 201/, 'the next request is whole')
})

t.test('reset_after: the connection breaks and the message was created', async (t) => {
  const subject = await faulty(t, { kind: 'reset_after' })
  t.match(await raw(subject), { text: '', end: 'reset' })
  t.equal(creates(subject), 1)
  t.equal((await ask(subject, MESSAGES, message('hello'))).status, 201)
  t.equal(subject.stats().duplicates, 1, 'sent again, it is there twice')
})

t.test('hang: no answer comes while others are served, and a slot is not kept', async (t) => {
  const subject = await faulty(t, { kind: 'hang' })
  const hung = raw(subject)
  let ended = false
  hung.then(() => { ended = true }, () => { ended = true })
  while (subject.stats().faults.hang === 0) await ask(subject, '/_simulator/health')
  t.equal((await ask(subject, MESSAGES, message('other'))).status, 201)
  t.equal(ended, false)
  t.equal(subject.stats().currentConcurrency, 0)
  t.equal(creates(subject), 1)
  await subject.close()
  t.equal((await hung).text, '')
})

t.test('hang, processed: no answer comes and the message was created', async (t) => {
  const subject = await faulty(t, { kind: 'hang', processed: true })
  const hung = raw(subject)
  while (creates(subject) === 0) await ask(subject, '/_simulator/health')
  await subject.close()
  t.equal((await hung).text, '')
})

t.test('slow_body: the headers come first, the body takes its time and is whole', async (t) => {
  const subject = await faulty(t, { kind: 'slow_body', bodyMs: 300 })
  const { text, firstByteMs, endMs } = await raw(subject)
  const [head = '', body = ''] = text.split('\r\n\r\n')
  t.ok(endMs - firstByteMs > 0 && endMs >= 290, `first byte after ${firstByteMs} ms, end after ${endMs} ms`)
  t.match(JSON.parse(body), { body: 'hello' })
  t.match(head, `Content-Length: ${body.length}`)
})

t.test('truncated_body: the body stops short of its length, and the message was created', async (t) => {
  const subject = await faulty(t, { kind: 'truncated_body' })
  const { text } = await raw(subject)
  const [head = '', body = ''] = text.split('\r\n\r\n')
  const promised = Number(/Content-Length: (\d+)/.exec(head)?.[1])
  t.equal(body.length, Math.floor(promised / 2))
  t.equal(creates(subject), 1)
})

t.test('html_503: a page from the delivery network with none of Twilio\'s headers, and nothing was created', async (t) => {
  const subject = await faulty(t, { kind: 'html_503' })
  const { text } = await raw(subject)
  t.match(text, /^HTTP\/1\.1 503/)
  t.match(text, /Content-Type: text\/html/)
  t.match(text, /X-Cache: Error from cloudfront/)
  t.match(text, /<HTML>/)
  t.notMatch(text, /Twilio-|X-API-Domain/i)
  t.equal(creates(subject), 0)
})

t.test('json_500: Twilio\'s own error, carried out or not as the rule says', async (t) => {
  const subject = await simulator(t, { faults: [{ kind: 'json_500', next: 1 }, { kind: 'json_500', next: 1, processed: true }] })
  const first = await ask(subject, MESSAGES, message('hello'))
  t.match(first.json(), { code: 20500, status: 500 })
  t.match(first.headers['twilio-request-id'], /^RQ[0-9a-f]{32}$/)
  t.equal(creates(subject), 0)
  t.equal((await ask(subject, MESSAGES, message('hello'))).status, 500)
  t.equal(creates(subject), 1)
})

t.test('absurd_headers: the answer is whole, its feedback is nonsense', async (t) => {
  const subject = await simulator(t, { faults: [{ kind: 'absurd_headers', value: '-5', next: 1 }, { kind: 'absurd_headers', next: 200 }] })
  const first = await ask(subject, MESSAGES, message('hello'))
  t.equal(first.status, 201)
  t.match(first.headers, { 'twilio-concurrent-requests': '-5', 'twilio-request-duration': 'soon' })
  const seen = new Set<unknown>()
  for (let i = 0; i < 60; i++) seen.add((await ask(subject, MESSAGES, message(`${i}`))).headers['twilio-concurrent-requests'])
  for (const value of ['0', '-5', 'many', '1e9', '']) t.ok(seen.has(value), `"${value}" among them`)
})

t.test('faults at random strike about as often as they should, and no create is lost in the count', async (t) => {
  const subject = await simulator(t, { faults: [{ kind: 'reset_before', probability: 0.2 }, { kind: 'reset_after', probability: 0.2 }] })
  const results = await Promise.allSettled(Array.from({ length: 300 }, (_, i) => ask(subject, MESSAGES, message(`${i}`))))
  const { faults, creates: { total }, received } = subject.stats()
  t.equal(received, 300)
  t.equal(total, 300 - faults.reset_before)
  t.equal(results.filter(({ status }) => status === 'rejected').length, faults.reset_before + faults.reset_after)
  t.ok(faults.reset_before > 30 && faults.reset_before < 90, `${faults.reset_before} of 300`)
})

t.test('a client that leaves does not stop what it asked for, nor the simulator', async (t) => {
  const subject = await simulator(t, { latency: { medianMs: 50, p99Ms: 50 } })
  const socket = connect(Number(new URL(subject.origin).port), '127.0.0.1')
  socket.write(`POST ${MESSAGES} HTTP/1.1\r\nHost: api.twilio.com\r\nAuthorization: ${AUTHORIZATION}\r\n` +
    `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`)
  while (subject.stats().currentConcurrency === 0) await ask(subject, '/_simulator/health')
  socket.destroy()
  while (subject.stats().currentConcurrency > 0) await ask(subject, '/_simulator/health')
  t.equal(creates(subject), 1)
})
