/** Request lines: methods, versions, blanks, ends. */
import { HOST, PATH, passes, refused, sent, text, type Row } from '../row.ts'

const line = (first: string, ...headers: string[]): string => text([first, HOST, ...headers])

const NO_VERSIONS = ['HTTP/0.9', 'HTTP/2.0', 'HTTP/1.2', 'HTTP/1.10', 'HTTP/01.1', 'HTTP/11', 'HTTP/1', 'HTTP/1.', 'HTTP/.1', 'HTTP/3.0', 'http/1.1', 'Http/1.1', 'HTTP /1.1', 'HTTP/ 1.1', 'HTTP/1.1 ', 'HTTP/1.1\t', 'HTTPS/1.1', 'HTP/1.1', 'HTTP/1,1', 'HTTP/1.1.1', 'HTTP/-1.1', 'SHTTP/1.1', 'HTTP/1.1\0']
const NO_METHODS = ['get', 'Get', 'post', 'GETT', 'G ET', 'GE', 'X', 'GET\0', '"GET"', 'GÉT', 'GET,POST', 'POST/', '(GET)']
const OTHER_METHODS = ['TRACE', 'PROPFIND', 'MKCOL', 'LOCK', 'PURGE', 'SEARCH', 'LINK', 'REPORT']

export const LINES: readonly Row[] = [
  ...NO_VERSIONS.map((version) => refused(`version ${JSON.stringify(version)}`, line(`GET ${PATH} ${version}`))),
  ...NO_METHODS.map((method) => refused(`method ${JSON.stringify(method)}`, line(`${method} ${PATH} HTTP/1.1`))),
  ...OTHER_METHODS.map((method) => refused(`method ${method}`, line(`${method} ${PATH} HTTP/1.1`), 405)),
  ...['GET', 'DELETE', 'OPTIONS', 'PATCH', 'PUT', 'POST'].map((method) => passes(`method ${method}`, line(`${method} ${PATH} HTTP/1.1`), sent('', method))),
  passes('HTTP/1.0', line(`GET ${PATH} HTTP/1.0`), sent('', 'GET')),
  passes('HTTP/1.0 without Host', text([`GET ${PATH} HTTP/1.0`]), sent('', 'GET')),
  passes('HTTP/1.0 with a length', text([`POST ${PATH} HTTP/1.0`, HOST, 'Content-Length: 3'], 'abc'), sent('abc')),
  refused('a POST of HTTP/1.0 without a length', text([`POST ${PATH} HTTP/1.0`, HOST], '')),
  refused('a PUT of HTTP/1.0 without a length', text([`PUT ${PATH} HTTP/1.0`, HOST], '')),
  passes('blank lines before it', `\r\n\r\n${line(`GET ${PATH} HTTP/1.1`)}`, sent('', 'GET')),
  refused('a blank before it', ` ${line(`GET ${PATH} HTTP/1.1`)}`),
  refused('a byte order mark before it', `\xef\xbb\xbf${line(`GET ${PATH} HTTP/1.1`)}`),
  refused('a NUL before it', `\0${line(`GET ${PATH} HTTP/1.1`)}`),
  refused('tabs between its words', line(`GET\t${PATH}\tHTTP/1.1`)),
  refused('a vertical tab between its words', line(`GET\v${PATH} HTTP/1.1`)),
  refused('a word too many', line(`GET ${PATH} x HTTP/1.1`)),
  refused('a version too many', line(`GET ${PATH} HTTP/1.1 HTTP/1.1`)),
  refused('no target', line('GET HTTP/1.1')),
  refused('a bare line feed at its end', `GET ${PATH} HTTP/1.1\n${HOST}\r\n\r\n`),
  refused('a lone carriage return at its end', `GET ${PATH} HTTP/1.1\r${HOST}\r\n\r\n`),
  refused('two carriage returns at its end', `GET ${PATH} HTTP/1.1\r\r\n${HOST}\r\n\r\n`),
  refused('bare line feeds everywhere', `GET ${PATH} HTTP/1.1\n${HOST}\n\n`),
  refused('an HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  refused('an HTTP/2 preface in HTTP/1.1', line('PRI * HTTP/1.1')),
  refused('a TLS handshake', '\x16\x03\x01\x00\x05hello'),
  refused('a status line', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
  refused('an SSH banner', 'SSH-2.0-OpenSSH_9.6\r\n'),
  refused('a Redis command', '*1\r\n$4\r\nPING\r\n'),
  refused('mail', 'EHLO mail.example\r\n'),
  refused('the PROXY protocol', `PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n${line(`GET ${PATH} HTTP/1.1`)}`),
  refused('the PROXY protocol in binary', '\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c'),
  refused('a target of 20,000 bytes', line(`GET /${'x'.repeat(20_000)} HTTP/1.1`), 431),
  { name: 'HTTP/0.9', bytes: 'GET /\r\n', fin: true, upstream: [], client: [], or: { upstream: [], client: [400] } },
  { name: 'a line without an end', bytes: `GET ${PATH} HTTP/1.1`, fin: true, upstream: [], client: [], or: { upstream: [], client: [400] } },
  { name: 'nothing at all', bytes: '', fin: true, upstream: [], client: [] }
]
