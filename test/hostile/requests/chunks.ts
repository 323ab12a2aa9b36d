/** Chunk sizes, extensions, ends, trailers. */
import { passes, post, refused, sent, type Row } from '../row.ts'

const chunked = (body: string): string => post(['Transfer-Encoding: chunked'], body)
const sized = (size: string): string => chunked(`${size}\r\nabc\r\n0\r\n\r\n`)

const NO_SIZES: Readonly<Record<string, string>> = {
  'a prefix': '0x3',
  'a plus sign': '+3',
  'a minus sign': '-3',
  'a blank before it': ' 3',
  'a blank behind it': '3 ',
  'a tab before an extension': '3\t;a',
  'a vertical tab': '3\v',
  'a letter that is no digit': '3g',
  'an underscore': '0_3',
  'a fraction': '3.0',
  nothing: '',
  'an extension alone': ';a=b',
  'more than 64 bits': '10000000000000003',
  'a list': '3,3',
  'a NUL': '3\0',
  quotes: '"3"',
  'a colon': '3:a',
  'a no-break space': '\xa03'
}

export const CHUNKS: readonly Row[] = [
  ...Object.entries(NO_SIZES).map(([name, size]) => refused(`a size with ${name}`, sized(size))),
  passes('a size with zeros before it', sized('0003'), sent('abc')),
  passes('a size in capitals', chunked(`A\r\n${'x'.repeat(10)}\r\n0\r\n\r\n`), sent('x'.repeat(10))),
  passes('a size in small letters', chunked(`a\r\n${'x'.repeat(10)}\r\n0\r\n\r\n`), sent('x'.repeat(10))),
  passes('chunks of one byte', chunked('1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n'), sent('abc')),
  passes('a last chunk of many zeros', chunked('3\r\nabc\r\n0000\r\n\r\n'), sent('abc')),
  passes('an extension', sized('3;a=b'), sent('abc')),
  passes('an extension without a value', sized('3;a'), sent('abc')),
  passes('an extension in quotes', sized('3;a="b c"'), sent('abc')),
  passes('an extension with a size in it', sized('3;a="5"'), sent('abc')),
  passes('data that look like a last chunk', chunked('7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n'), sent('\r\n0\r\n\r\n').replace(/$/, '')),
  refused('an extension that ends with a bare line feed', chunked('3;a\nabc\r\n0\r\n\r\n')),
  refused('an extension with a lone carriage return', chunked('3;a\rb\r\nabc\r\n0\r\n\r\n')),
  refused('an extension whose quotes stay open', chunked('3;a="\r\nabc\r\n0\r\n\r\n')),
  refused('an extension with a NUL', sized('3;a=\0')),
  refused('an extension of 20,000 bytes', sized(`3;a=${'b'.repeat(20_000)}`)),
  refused('a size that ends with a bare line feed', chunked('3\nabc\r\n0\r\n\r\n')),
  refused('a size that ends with a lone carriage return', chunked('3\rabc\r\n0\r\n\r\n')),
  refused('data that end with a bare line feed', chunked('3\r\nabc\n0\r\n\r\n')),
  refused('data without an end', chunked('3\r\nabc0\r\n\r\n')),
  refused('data with two bytes for an end', chunked('3\r\nabcXX0\r\n\r\n')),
  refused('data that are too long', chunked('3\r\nabcd\r\n0\r\n\r\n')),
  refused('data that are too short', chunked('5\r\nabc\r\n0\r\n\r\n')),
  refused('bare line feeds everywhere', chunked('3\nabc\n0\n\n')),
  refused('a blank line before the first', chunked('\r\n3\r\nabc\r\n0\r\n\r\n')),
  refused('a negative last chunk', chunked('3\r\nabc\r\n-0\r\n\r\n')),
  refused('a trailer', chunked('3\r\nabc\r\n0\r\nX-Checksum: 1\r\n\r\n')),
  refused('a trailer that sets a length', chunked('3\r\nabc\r\n0\r\nContent-Length: 5\r\n\r\n')),
  refused('a trailer that sets a coding', chunked('3\r\nabc\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n')),
  refused('a trailer that sets a host', chunked('3\r\nabc\r\n0\r\nHost: evil.example\r\n\r\n')),
  refused('a trailer that sets a credential', chunked('3\r\nabc\r\n0\r\nAuthorization: Basic eDp5\r\n\r\n')),
  refused('a trailer of the proxy\'s own', chunked('3\r\nabc\r\n0\r\nGovernor-Class: bulk\r\n\r\n')),
  refused('a thousand trailers', chunked(`3\r\nabc\r\n0\r\n${'a:1\r\n'.repeat(1000)}\r\n`)),
  refused('a trailer that is no header', chunked('3\r\nabc\r\n0\r\nnothing\r\n\r\n')),
  refused('a request in place of a trailer', chunked('3\r\nabc\r\n0\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n')),
  passes('a Trailer header and no trailer', post(['Trailer: X-Checksum', 'Transfer-Encoding: chunked'], '3\r\nabc\r\n0\r\n\r\n'), sent('abc')),
  { name: 'a last chunk without its end', bytes: chunked('3\r\nabc\r\n0\r\n'), fin: true, upstream: [], client: [400] },
  { name: 'bytes behind the last chunk', bytes: chunked('3\r\nabc\r\n0\r\n\r\nX'), upstream: [sent('abc')], client: [200] }
]
