import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { get, type IncomingMessage, type ServerResponse } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import t from 'tap'
import { ACCOUNT, AUTHORIZATION, MESSAGES, createClient, startApp, startUpstream, until } from '../../support/app.ts'
import { connectRaw, type RawClient } from '../../support/raw-client.ts'

const RECORDING = `/2010-04-01/Accounts/${ACCOUNT}/Recordings/RE${'b'.repeat(32)}.wav`
const CHUNK = Buffer.alloc(64 * 1024, 7)

/** Writes as fast as the other side takes it; tells of every piece that is asked for. */
function pour (response: ServerResponse, chunks: number, asked: () => void = () => {}): void {
  let left = chunks
  const source = new Readable({
    read () {
      asked()
      this.push(left-- > 0 ? CHUNK : null)
    }
  })
  pipeline(source, response, () => {})
}

async function open (url: string): Promise<IncomingMessage> {
  const [response] = await once(get(url, { headers: { authorization: AUTHORIZATION }, agent: false }), 'response') as [IncomingMessage]
  return response
}

t.test('a recording of 600 MB streams through whole, in constant memory', async (t) => {
  const chunks = 600 * 16
  const upstream = await startUpstream(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'audio/wav', 'content-length': String(chunks * CHUNK.length) })
    pour(response, chunks)
  })
  const { proxy, app } = await startApp(t, upstream.origin)
  const response = await open(proxy + RECORDING)
  t.equal(response.headers['content-length'], String(chunks * CHUNK.length))
  const hash = createHash('sha1')
  let bytes = 0
  let most = 0
  const before = process.memoryUsage().rss
  for await (const chunk of response as AsyncIterable<Buffer>) {
    hash.update(chunk)
    bytes += chunk.length
    most = Math.max(most, process.memoryUsage().rss - before)
  }
  t.equal(bytes, chunks * CHUNK.length)
  const expected = createHash('sha1')
  for (let i = 0; i < chunks; i++) expected.update(CHUNK)
  t.equal(hash.digest('hex'), expected.digest('hex'))
  t.comment(`memory grew by ${(most / 2 ** 20).toFixed(0)} MB, the test's own upstream and client included`)
  // Most of it is garbage of the test's own, of which the versions of Node collect more or less; what was held would be 600.
  t.ok(most < 250 * 2 ** 20)
  await until(() => app.state.accounts()[0]!.inflight === 0)
  t.pass('and its permit came back')
})

t.test('a permit lasts until the body is done, and a slow client holds Twilio back', async (t) => {
  let written = 0
  const upstream = await startUpstream(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'audio/wav' })
    pour(response, 2000, () => { written++ })
  })
  const { proxy, app } = await startApp(t, upstream.origin)
  const response = await open(proxy + RECORDING)
  response.pause()
  let last = -1
  while (last !== written) {
    last = written
    await new Promise((resolve) => { setTimeout(resolve, 100) })
  }
  t.ok(written < 500, `${written} of 2000 pieces were taken from Twilio`)
  t.match(app.state.accounts()[0], { inflight: 1 })
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) bytes += chunk.length
  t.equal(bytes, 2000 * CHUNK.length)
  await until(() => app.state.accounts()[0]!.inflight === 0)
})

t.test('text of unknown length is handed on whole, be it small or large', async (t) => {
  const upstream = await startUpstream(t, ({ url }, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const size = Number(url.slice(1))
    for (let i = 0; i < size; i += 1000) response.write('x'.repeat(Math.min(1000, size - i)))
    response.end()
  })
  const { proxy } = await startApp(t, upstream.origin)
  const client = createClient(t)
  for (const size of [0, 10, 65_536, 65_537, 1_000_000]) t.equal((await client(`${proxy}/${size}`)).body.length, size)
})

t.test('a body that breaks off upstream breaks off here too: it is never passed for whole', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'audio/wav', 'content-length': '10000000' })
    response.write(CHUNK, () => { response.destroy() })
  })
  const { proxy, app } = await startApp(t, upstream.origin)
  const response = await open(proxy + RECORDING)
  await t.rejects(async () => { for await (const chunk of response) if (chunk === null) break })
  await until(() => app.state.accounts()[0]!.inflight === 0)
})

t.test('a client that leaves a download ends it at Twilio', async (t) => {
  let closed = false
  const upstream = await startUpstream(t, (_request, response) => {
    response.on('close', () => { closed = true })
    response.writeHead(200, { 'content-type': 'audio/wav' })
    pour(response, 1e6)
  })
  const { proxy, app } = await startApp(t, upstream.origin)
  const response = await open(proxy + RECORDING)
  await once(response, 'data')
  response.destroy()
  await until(() => closed)
  await until(() => app.state.accounts()[0]!.inflight === 0)
  t.pass()
})

t.test('a client that leaves: queued is never sent, a read is cut, a write is finished and its outcome logged', async (t) => {
  const answers: ServerResponse[] = []
  let cut = 0
  const upstream = await startUpstream(t, (_request, response) => {
    answers.push(response)
    response.on('close', () => { if (!response.writableFinished) cut++ })
  })
  const { proxy, app, log } = await startApp(t, upstream.origin, { limit: { algorithm: 'fixed', fixed: 1 } })
  const state = () => app.state.accounts()[0]!
  const ask = (method: string, body = ''): Promise<RawClient> =>
    connectRaw(t, proxy, `${method} ${MESSAGES} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${AUTHORIZATION}\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
  const write = await ask('POST', 'To=1')
  await until(() => answers.length === 1)
  const queued = await ask('POST', 'To=1')
  await until(() => state().queued.standard === 1)
  queued.reset()
  write.reset()
  await until(() => state().queued.standard === 0)
  t.match(state(), { inflight: 1 }, 'the write goes on')
  t.equal(cut, 0)
  answers[0]!.writeHead(201, { 'twilio-request-id': 'RQw' }).end('{}')
  await until(() => state().inflight === 0)
  await until(() => log().some(({ msg }) => msg === 'late outcome'))
  t.match(log().find(({ msg }) => msg === 'late outcome'), { status: 201, twilioRequestId: 'RQw' })
  t.equal(upstream.received.length, 1, 'the queued one was never sent')
  const read = await ask('GET')
  await until(() => answers.length === 2)
  read.reset()
  await until(() => cut === 1 && state().inflight === 0)
  t.equal(log().filter(({ reason }) => reason === 'client_left').length, 3)
})

t.test('a client that reads nothing for as long as Twilio may be silent loses its answer, and the account its slot no longer', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'audio/wav' })
    pour(response, 1e6)
  })
  const { proxy, app } = await startApp(t, upstream.origin, { upstream: { bodyTimeoutMs: 1_000 } })
  const response = await open(proxy + RECORDING)
  response.pause()
  await until(() => app.state.accounts()[0]!.inflight === 0)
  await t.rejects(async () => { for await (const chunk of response) if (chunk === null) break }, 'it is never passed for whole')
})

t.test('a refusal is read before it is judged, whatever it says it is', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => {
    response.writeHead(429, { 'content-type': 'application/octet-stream' })
    response.write('{"code":60203,')
    response.end('"status":429}')
  })
  const { proxy } = await startApp(t, upstream.origin)
  const { status, json } = await createClient(t)(proxy + MESSAGES, { method: 'POST', body: 'To=1' })
  t.match({ status, body: json() }, { status: 429, body: { code: 60203 } })
  t.equal(upstream.received.length, 1)
})

t.test('a drain waits for a client that is still to read its answer', async (t) => {
  const chunks = 16
  const upstream = await startUpstream(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'audio/wav' })
    pour(response, chunks)
  })
  const { proxy, app } = await startApp(t, upstream.origin)
  const response = await open(proxy + RECORDING)
  response.pause()
  await until(() => app.state.accounts()[0]!.inflight === 0)
  const drained = app.drain()
  // Longer than connections are left open once a drain is over.
  await new Promise((resolve) => { setTimeout(resolve, 800) })
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) bytes += chunk.length
  t.equal(bytes, chunks * CHUNK.length)
  await drained
})
