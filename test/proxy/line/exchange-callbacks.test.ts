import t from 'tap'
import { AUTHORIZATION, createClient, MESSAGES, startApp, startUpstream } from '../../support/app.ts'
import { answers, refuses } from '../../support/fake-dispatcher.ts'
import { LineBench } from './exchange-fixture.ts'

const FORM = ['Content-Type', 'application/x-www-form-urlencoded']
const body = Buffer.from('To=%2B1&StatusCallback=https%3A%2F%2Fshop.example&Body=\xe9', 'latin1')
const sent = (bench: LineBench): string[] => bench.upstream.calls.map(({ options }) => (options.body as Buffer).toString('latin1'))

t.test('connection overrides are added to every attempt, each other byte as it came', async (t) => {
  const bench = new LineBench([refuses(), answers(201)], { callbackFragment: 'rc=3' })
  const run = bench.send('POST', { rawHeaders: FORM }, undefined, body)
  await bench.clock.advance(1_000)
  t.equal(run.status, 201)
  const wanted = 'To=%2B1&StatusCallback=https%3A%2F%2Fshop.example%23rc%3D3&Body=\xe9'
  t.same(sent(bench), [wanted, wanted])
  await bench.isOver(t)
})

t.test('never to what is signed, packed or no form, and never unless the settings say so', async (t) => {
  for (const [rawHeaders, callbackFragment] of [
    [[...FORM, 'Twilio-Client-Validation', 'eyJ'], 'rc=3'],
    [[...FORM, 'Content-Encoding', 'gzip'], 'rc=3'],
    [['Content-Type', 'application/json'], 'rc=3'],
    [[], 'rc=3'],
    [FORM, undefined]
  ] as const) {
    const bench = new LineBench(answers(201), { callbackFragment })
    bench.send('POST', { rawHeaders }, undefined, body)
    await bench.clock.advance(100)
    t.same(sent(bench), [body.toString('latin1')])
    await bench.isOver(t)
  }
})

t.test('through the whole application: the length is that of the new body', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => { response.writeHead(201).end('{}') })
  const { proxy } = await startApp(t, upstream.origin, { callbacks: { retries: 2, retryOn: ['5xx', 'rt'] } })
  await createClient(t)(proxy + MESSAGES, { method: 'POST', headers: { authorization: AUTHORIZATION, 'content-type': 'application/x-www-form-urlencoded' }, body })
  const [{ headers, body: received } = { headers: {}, body: Buffer.alloc(0) }] = upstream.received
  t.match(received.toString('latin1'), 'shop.example%23rc%3D2%26rp%3D5xx%2Crt&Body=\xe9')
  t.equal(headers['content-length'], String(received.length))
})
