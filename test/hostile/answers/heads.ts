import { breaks, bytesOf, head, json, passes, SID, type Case } from './table.ts'

const kept = (...lines: readonly string[]): string => json(201, SID, ...lines)
/** Latin-1, as Node writes it. */
const UTF8 = Buffer.from('grüße ✓').toString('latin1')

export const heads: readonly Case[] = [
  passes('a value in Latin-1', kept('X-One: caf\xe9'), 201, SID, { headers: { 'x-one': 'caf\xe9' } }),
  passes('a value in UTF-8', kept(`X-One: ${UTF8}`), 201, SID, { headers: { 'x-one': UTF8 } }),
  passes('every byte from 0x80 on', kept(`X-One: ${Buffer.from(Array.from({ length: 128 }, (_, i) => 128 + i)).toString('latin1')}`), 201, SID),
  passes('a tab within a value', kept('X-One: a\tb'), 201, SID, { headers: { 'x-one': 'a\tb' } }),
  passes('an empty value', kept('X-One:'), 201, SID, { headers: { 'x-one': '' } }),
  passes('spaces around a value', kept('X-One: \t a \t '), 201, SID, { headers: { 'x-one': 'a' } }),
  passes('a header several times', kept('X-One: 1', 'X-Two: 2', 'x-one: 3'), 201, SID, { headers: { 'x-one': '1|3', 'x-two': '2' } }),
  passes('several cookies', kept('Set-Cookie: a=1', 'Set-Cookie: b=2; Expires=Sun, 06 Nov 1994 08:49:37 GMT', 'Set-Cookie: c=3'), 201, SID, { headers: { 'set-cookie': 'a=1|b=2; Expires=Sun, 06 Nov 1994 08:49:37 GMT|c=3' } }),
  passes('names that objects have', kept('constructor: 1', 'toString: 2', 'hasOwnProperty: 3', 'valueOf: 4'), 201, SID, { headers: { constructor: '1', tostring: '2' } }),
  passes('the name __proto__', kept('__proto__: 1'), 201, SID),
  passes('a name of odd characters', kept("!#$%&'*+-.^_`|~9: 1"), 201, SID, { headers: { "!#$%&'*+-.^_`|~9": '1' } }),
  passes('two types', kept('Content-Type: text/plain'), 201, SID),
  passes('no type', head(201, 'Content-Length: 5') + 'hello', 201, 'hello', { headers: { 'content-type': null } }),
  passes('an empty type', head(201, 'Content-Type:', 'Content-Length: 5') + 'hello', 201, 'hello'),
  passes('a type that is none', head(201, 'Content-Type: ;;;=/', 'Content-Length: 5') + 'hello', 201, 'hello', { headers: { 'content-type': ';;;=/' } }),
  passes('a type with a charset', head(201, 'Content-Type: application/json; charset=utf-16', 'Content-Length: 2') + '{}', 201, '{}', { headers: { 'content-type': 'application/json; charset=utf-16' } }),
  passes('version 2.0, in text', 'HTTP/2.0 201 Created\r\nContent-Length: 2\r\n\r\n{}', 201, '{}'),
  passes('a type of two words', head(201, 'Content-Type: a/b c', 'Content-Length: 5') + 'hello', 201, 'hello', { headers: { 'content-type': 'a/b c' } }),
  passes('120 headers', kept(...Array.from({ length: 120 }, (_, i) => `X-${i}: ${i}`)), 201, SID, { headers: { 'x-119': '119' } }),
  passes('a value of 12 kB', kept(`X-One: ${'x'.repeat(12_000)}`), 201, SID, { headers: { 'x-one': 'x'.repeat(12_000) } }),
  passes('a long reason', `HTTP/1.1 201 ${'why '.repeat(500)}\r\nContent-Length: 2\r\n\r\n{}`, 201, '{}'),
  passes('no reason', 'HTTP/1.1 201 \r\nContent-Length: 2\r\n\r\n{}', 201, '{}'),
  passes('no reason and no space', 'HTTP/1.1 201\r\nContent-Length: 2\r\n\r\n{}', 201, '{}'),
  passes('a reason in Latin-1', 'HTTP/1.1 201 Cr\xe9\xe9\r\nContent-Length: 2\r\n\r\n{}', 201, '{}'),
  passes('a head, byte for byte', bytesOf(kept('X-One: 1')), 201, SID, { headers: { 'x-one': '1' } }),
  passes('the proxy\'s own names', kept('Governor-Outcome: unknown', 'governor-shed: queue_full', 'GOVERNOR-ATTEMPTS: 77', 'Governor-Anything: 1'), 201, SID, {
    headers: { 'governor-shed': null, 'governor-attempts': '1', 'governor-anything': null, 'governor-outcome': null }
  }),
  passes('headers of the connection', kept('Keep-Alive: timeout=5', 'Proxy-Connection: keep-alive', 'TE: trailers', 'Trailer: X-Sum', 'Upgrade: h2c'), 201, SID, {
    headers: { 'proxy-connection': null, te: null, trailer: null, upgrade: null }
  }),
  passes('headers that Connection lists', kept('Connection: X-Secret, keep-alive', 'X-Secret: 1', 'X-Kept: 2'), 201, SID, { headers: { 'x-secret': null, 'x-kept': '2' } }),
  passes('headers that two Connections list', kept('Connection: X-Secret', 'X-Secret: 1', 'connection: X-Other', 'X-Other: 1'), 201, SID, { headers: { 'x-secret': null, 'x-other': null } }),
  passes('headers that Connection lists among empty elements', kept('Connection: ,\t, x-SECRET\t ,,X-Other,', 'X-Secret: 1', 'X-Other: 1'), 201, SID, { headers: { 'x-secret': null, 'x-other': null } }),
  passes('headers that Connection lists in quotes', kept('Connection: "X-Secret", "X-Other, X-Third"', 'X-Secret: 1', 'X-Other: 1', 'X-Third: 1'), 201, SID, { headers: { 'x-secret': null, 'x-other': null, 'x-third': null } }),
  passes('headers that Connection lists with close', kept('Connection: close, X-Secret', 'X-Secret: 1'), 201, SID, { then: 'end', headers: { 'x-secret': null } }),
  breaks('17 kB of head', kept(`X-One: ${'x'.repeat(17_000)}`)),
  breaks('200 kB of head', kept(...Array.from({ length: 200 }, (_, i) => `X-${i}: ${'x'.repeat(1000)}`))),
  breaks('a control character in a value', kept('X-One: a\x01b')),
  breaks('DEL in a value', kept('X-One: a\x7fb')),
  breaks('NUL in a value', kept('X-One: a\0b')),
  breaks('NUL in a name', kept('X-\0ne: 1')),
  breaks('CR within a value', kept('X-One: a\rb')),
  breaks('a space before the colon', kept('X-One : 1')),
  breaks('a header without a colon', kept('X-One')),
  breaks('a header without a name', kept(': 1')),
  breaks('a name in Latin-1', kept('X-\xe9: 1')),
  breaks('nothing', '', 'end'),
  breaks('garbage', 'garbage\r\n\r\n'),
  breaks('a line\'s end and nothing more', '\r\n', 'end'),
  breaks('HTTP/0.9', '<html>hello</html>', 'end'),
  breaks('HTTP/2', '\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x64\0\x04\0\x10\0\0\0\x06\0\0\x40\0'),
  breaks('version 1.x', 'HTTP/1.x 201 Created\r\nContent-Length: 2\r\n\r\n{}'),
  breaks('another protocol', 'ICY 200 OK\r\n\r\n'),
  breaks('another protocol\'s greeting', '220 mail ESMTP\r\n'),
  breaks('TLS', '\x15\x03\x01\0\x02\x02\x28'),
  breaks('a request', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'),
  breaks('half a status line', 'HTTP/1.1 20', 'end'),
  breaks('half a head', 'HTTP/1.1 201 Created\r\nContent-Le', 'end'),
  breaks('a head that never ends', `HTTP/1.1 201 Created\r\n${'X-One: 1\r\n'.repeat(3000)}`),
  breaks('half a head and a reset', 'HTTP/1.1 201 Created\r\n', 'reset')
]
