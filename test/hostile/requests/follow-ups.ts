/** What comes behind a whole request, and clients that close their sending side. */
import { HOST, PATH, get, passes, post, refused, sent, text, type Row } from '../row.ts'

const FIRST = post(['Content-Length: 4'], 'To=1')
const SENT = sent('To=1')
/** The write gets its own answer; what is behind it is neither answered nor sent. */
const behind = (name: string, bytes: string): Row => ({ name: `behind a write: ${name}`, bytes: FIRST + bytes, upstream: [SENT], client: [200], atOnce: true })
const GARBAGE: Readonly<Record<string, string>> = {
  'a byte': '!',
  'a NUL': '\0',
  'a word': 'hello\r\n\r\n',
  'a body that was not announced': '&Body=hello',
  JSON: '{"a":1}\r\n\r\n',
  'a TLS handshake': '\x16\x03\x01\x02\x00',
  'an HTTP/2 preface': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'a status line': 'HTTP/1.1 200 OK\r\n\r\n',
  'a method in small letters': 'post / HTTP/1.1\r\nHost: x\r\n\r\n',
  'a version nobody knows': 'GET / HTTP/1.7\r\nHost: x\r\n\r\n',
  'a bad header': 'GET / HTTP/1.1\r\nHost : x\r\n\r\n',
  'a fold': 'GET / HTTP/1.1\r\nHost: x\r\n y\r\n\r\n',
  'bare line feeds': 'GET / HTTP/1.1\nHost: x\n\n',
  'two lengths': 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
  'a length beside a coding': 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'headers of 20,000 bytes': `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
  'a tunnel': 'CONNECT api.twilio.com:443 HTTP/1.1\r\nHost: api.twilio.com:443\r\n\r\n',
  '100,000 bytes': `!${'x'.repeat(100_000)}`
}

export const FOLLOW_UPS: readonly Row[] = [
  ...Object.entries(GARBAGE).map(([name, bytes]) => behind(name, bytes)),
  passes('two requests', FIRST + get(), SENT, sent('', 'GET')),
  passes('ten requests', FIRST.repeat(10), ...Array.from({ length: 10 }, () => SENT)),
  passes('blank lines between two requests', `${FIRST}\r\n\r\n${FIRST}`, SENT, SENT),
  { name: 'three requests and garbage', bytes: `${FIRST.repeat(3)}garbage`, upstream: [SENT, SENT, SENT], client: [200, 200, 200] },
  { name: 'a refused request between two', bytes: FIRST + get(['Governor-Class: x']) + FIRST, upstream: [SENT, SENT], client: [200, 400, 200] },
  { name: 'a request framed badly between two', bytes: FIRST + text([`GET ${PATH} HTTP/1.1`, HOST, HOST]) + FIRST, upstream: [SENT], client: [200, 400] },
  { name: 'a request without Host between two', bytes: FIRST + text([`GET ${PATH} HTTP/1.1`]) + FIRST, upstream: [SENT], client: [200, 400] },
  { name: 'a request with trailers before another', bytes: `${post(['Transfer-Encoding: chunked'], '3\r\nabc\r\n0\r\nX: 1\r\n\r\n')}${FIRST}`, upstream: [SENT], client: [400, 200] },
  { name: 'a request framed badly before a good one', bytes: text([`POST ${PATH} HTTP/1.0`, HOST, 'Connection: keep-alive', 'Transfer-Encoding: chunked'], '0\r\n\r\n') + FIRST, upstream: [], client: [400] },
  { name: 'gzip and chunked before a good one', bytes: post(['Transfer-Encoding: gzip, chunked'], '0\r\n\r\n') + FIRST, upstream: [], client: [501] },
  { name: 'a bad chunk behind a write', bytes: `${FIRST}${post(['Transfer-Encoding: chunked'], '3\r\nabc\r\nzz\r\n')}`, upstream: [SENT], client: [200, 400] },
  { name: 'a request behind the last', bytes: post(['Content-Length: 4', 'Connection: close'], 'To=1') + FIRST, upstream: [SENT], client: [200] },
  { name: 'a line end behind the last', bytes: `${post(['Content-Length: 4', 'Connection: close'], 'To=1')}\r\n`, upstream: [SENT], client: [200] },
  { name: 'two requests of HTTP/1.0', bytes: text([`GET ${PATH} HTTP/1.0`, HOST]).repeat(2), upstream: [sent('', 'GET')], client: [200] },
  refused('a write within a refused one', text([`POST ${PATH} HTTP/1.1`, 'Host: evil.example', `Content-Length: ${FIRST.length}`], FIRST), 421),
  refused('a method nobody proxies, with a write for a body', text([`PROPFIND ${PATH} HTTP/1.1`, HOST, `Content-Length: ${FIRST.length}`], FIRST), 405),
  ...[['a write', FIRST, SENT], ['a read', get(), sent('', 'GET')], ['a write in chunks', post(['Transfer-Encoding: chunked'], '4\r\nTo=1\r\n0\r\n\r\n'), SENT]].map(([name = '', bytes = '', upstream = '']): Row => ({
    name: `${name} and the end of what the client sends`, bytes, fin: true, upstream: [upstream], client: [200], or: { upstream: [], client: [400] }
  })),
  { name: 'half a request behind a write, and the end', bytes: `${FIRST}POST / HT`, fin: true, upstream: [SENT], client: [200], or: { upstream: [], client: [400] } },
  { name: 'half a body behind a write, and the end', bytes: `${FIRST}${post(['Content-Length: 9'], 'abc')}`, fin: true, upstream: [SENT], client: [200, 400], or: { upstream: [], client: [400, 400] } }
]
