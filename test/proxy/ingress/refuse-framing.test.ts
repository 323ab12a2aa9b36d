import type { IncomingMessage } from 'node:http'
import t from 'tap'
import type { Connection } from '../../../src/proxy/clients/connections.ts'
import { framingOf, refuseFraming, refuseTrailers } from '../../../src/proxy/ingress/refuse-framing.ts'

const messageOf = (over: Partial<IncomingMessage>): IncomingMessage => over as IncomingMessage

t.test('what is judged is the request line and the headers as they came', async (t) => {
  const rawHeaders = ['HOST', 'a']
  t.same(framingOf(messageOf({ httpVersion: '1.0', method: 'GET', url: '/', rawHeaders }), '/As/Came'), {
    httpVersion: '1.0', method: 'GET', target: '/As/Came', rawHeaders
  })
})

t.test('a refusal tells why with its own status, and is the last answer of its connection', async (t) => {
  let closes = 0
  const connection = { closeAfterAnswers: () => { closes++ } } as unknown as Connection
  t.doesNotThrow(() => { refuseFraming(undefined, connection) })
  t.equal(closes, 0)
  t.throws(() => { refuseFraming({ status: 501, sentence: 'It is odd.' }, connection) }, {
    statusCode: 501, reason: 'bad_request', message: 'It is odd. Nothing was sent to Twilio.'
  })
  t.equal(closes, 1)
})

t.test('a single trailer field is refused', async (t) => {
  t.equal(refuseTrailers(messageOf({ rawTrailers: [] })), undefined)
  t.match(refuseTrailers(messageOf({ rawTrailers: ['X-Sum', '1'] })), { statusCode: 400, message: /trailer fields/ })
})
