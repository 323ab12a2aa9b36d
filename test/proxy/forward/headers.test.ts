import t from 'tap'
import { upstreamHeaders } from '../../../src/proxy/forward/headers.ts'

const upstream = (...rawHeaders: string[]): string[] => upstreamHeaders(rawHeaders, 'verify.twilio.com').slice(2)

t.test('Host names Twilio\'s host, whatever the client called', async (t) => {
  t.same(upstreamHeaders(['host', 'localhost:8080', 'HOST', 'evil.example'], 'verify.twilio.com'), ['Host', 'verify.twilio.com'])
})

t.test('what is Twilio\'s goes on as it came: bytes, case, order and repeats', async (t) => {
  const raw = ['AUTHORIZATION', 'Basic  QUM6eA== ', 'content-type', 'Application/X-WWW-Form-Urlencoded; charset="UTF-8"', 'X-A', '1', 'x-a', '2', 'Accept', '', 'X-Ä', 'é', 'Accept-Encoding', 'gzip']
  t.strictSame(upstream(...raw), raw)
})

t.test('what belongs to the connection stays here', async (t) => {
  for (const name of ['Connection', 'Keep-Alive', 'Proxy-Connection', 'Proxy-Authorization', 'Transfer-Encoding', 'TE', 'Trailer', 'Upgrade', 'Expect', 'Content-Length']) {
    t.same(upstream(name, 'x', 'X-Kept', 'y', name.toLowerCase(), 'x'), ['X-Kept', 'y'], name)
  }
})

t.test('headers for this proxy do not reach Twilio', async (t) => {
  t.same(upstream('Governor-Class', 'bulk', 'governor-timeout-ms', '5', 'GOVERNOR-ANYTHING', 'x', 'Governors', 'y'), ['Governors', 'y'])
})

t.test('headers that Connection lists stay here too', async (t) => {
  t.same(upstream('X-Hop', '1', 'Connection', 'x-hop , close', 'X-Kept', '2', 'connection', 'keep-alive, X-OTHER', 'x-other', '3'), ['X-Kept', '2'])
  t.same(upstream('Connection', ',, ', 'X-Kept', '2'), ['X-Kept', '2'])
})
