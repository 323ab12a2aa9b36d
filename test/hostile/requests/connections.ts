/** Headers of one connection: what they may name, and where they end. */
import { HOST, PATH, get, passes, post, refused, sent, text, type Row } from '../row.ts'

const END_TO_END = ['Host', 'Content-Length', 'Transfer-Encoding', 'Content-Type', 'Content-Encoding', 'Authorization', 'Cookie', 'Expect', 'User-Agent', 'Range', 'Governor-Class', 'Governor-Caller', 'Governor-Duplicate']
const FIELDS = ['Keep-Alive: timeout=5', 'Proxy-Connection: keep-alive', 'TE: trailers', 'TE: trailers, deflate', 'Trailer: Expires', 'Proxy-Authorization: Basic eDp5', 'Upgrade: TLS/1.0', 'Via: 1.1 somebody', 'HTTP2-Settings: AAMAAABk']

export const CONNECTIONS: readonly Row[] = [
  ...END_TO_END.map((name) => refused(`Connection lists ${name}`, post([`Connection: ${name}`, 'Content-Length: 3'], 'abc'))),
  refused('Connection lists it among others', get(['Connection: keep-alive, x-a ,AUTHORIZATION,'])),
  refused('a second Connection lists it', get(['Connection: keep-alive', 'Connection: content-length'])),
  ...FIELDS.map((field) => passes(field, get([field]), sent('', 'GET'))),
  passes('Connection: close', get(['Connection: close']), sent('', 'GET')),
  passes('Connection: keep-alive', get(['Connection: keep-alive']), sent('', 'GET')),
  passes('Connection lists a header of its own', get(['Connection: X-Hop', 'X-Hop: 1']), sent('', 'GET')),
  passes('Connection lists what is not there', get(['Connection: X-Hop']), sent('', 'GET')),
  passes('an empty Connection', get(['Connection:']), sent('', 'GET')),
  passes('two Connections', get(['Connection: X-A', 'Connection: X-B', 'X-A: 1', 'X-B: 1']), sent('', 'GET')),
  passes('HTTP/1.0 kept alive', text([`GET ${PATH} HTTP/1.0`, HOST, 'Connection: keep-alive']), sent('', 'GET')),
  passes('an upgrade to a web socket', get(['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']), sent('', 'GET')),
  passes('an upgrade to HTTP/2', get(['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk']), sent('', 'GET')),
  passes('an upgrade with a body', post(['Connection: Upgrade', 'Upgrade: h2c', 'Content-Length: 3'], 'abc'), sent('abc')),
  passes('an upgrade with chunks', post(['Connection: Upgrade', 'Upgrade: h2c', 'Transfer-Encoding: chunked'], '3\r\nabc\r\n0\r\n\r\n'), sent('abc')),
  { name: 'a request behind an upgrade', bytes: get(['Connection: Upgrade', 'Upgrade: websocket']) + post([]), upstream: [sent('', 'GET')], client: [200] },
  { name: 'a request behind an upgrade with a body', bytes: post(['Connection: Upgrade', 'Upgrade: h2c', 'Content-Length: 3'], 'abc') + post([]), upstream: [sent('abc')], client: [200] },
  { name: 'a tunnel', bytes: text(['CONNECT api.twilio.com:443 HTTP/1.1', 'Host: api.twilio.com:443']), upstream: [], client: [405] },
  { name: 'a tunnel with a body', bytes: text(['CONNECT api.twilio.com:443 HTTP/1.1', 'Host: api.twilio.com:443', 'Content-Length: 3'], 'abc'), upstream: [], client: [400] },
  { name: 'a tunnel with chunks', bytes: text(['CONNECT api.twilio.com:443 HTTP/1.1', 'Host: api.twilio.com:443', 'Transfer-Encoding: chunked'], '0\r\n\r\n'), upstream: [], client: [400] },
  { name: 'a tunnel with two Hosts', bytes: text(['CONNECT api.twilio.com:443 HTTP/1.1', HOST, HOST]), upstream: [], client: [400] },
  { name: 'a tunnel to a path', bytes: text([`CONNECT ${PATH} HTTP/1.1`, HOST]), upstream: [], client: [405] }
]
