/** Transfer-Encoding: values, versions, repeats. */
import { HOST, PATH, passes, post, refused, sent, text, type Row } from '../row.ts'

const CHUNKED = '3\r\nabc\r\n0\r\n\r\n'
const coded = (value: string, body = CHUNKED): string => post([`Transfer-Encoding:${value}`], body)
const in10 = (...headers: string[]): string => text([`POST ${PATH} HTTP/1.0`, HOST, ...headers], CHUNKED)

/** Chunked to some parser. */
const MALFORMED: Readonly<Record<string, string>> = {
  'chunked and then another': ' chunked, gzip',
  'chunked and then identity': ' chunked, identity',
  'chunked twice': ' chunked, chunked',
  'a NUL': ' chunked\0',
  'a vertical tab': ' \vchunked',
  'a form feed behind it': ' chunked\f',
  'a fold': '\r\n chunked',
  'a lone carriage return': ' chunked\r',
  'a line feed before it': ' \nchunked'
}
/** Codings that nobody knows, some of which look like it. */
const UNKNOWN: Readonly<Record<string, string>> = {
  another: ' gzip',
  identity: ' identity',
  'a name that ends so': ' xchunked',
  'a name that begins so': ' chunkedx',
  quotes: ' "chunked"',
  'single quotes': ' \'chunked\'',
  'a parameter': ' chunked;q=1',
  'a semicolon': ' chunked;',
  'a no-break space': ' chunked\xa0',
  'a zero-width space': ' \xe2\x80\x8bchunked',
  'a soft hyphen': ' chun\xadked',
  cow: ' cow',
  'a list without a comma': ' gzip chunked'
}

export const CODINGS: readonly Row[] = [
  ...Object.entries(MALFORMED).map(([name, value]) => refused(name, coded(value))),
  ...Object.entries(UNKNOWN).map(([name, value]) => refused(name, coded(value), 501)),
  passes('chunked', coded(' chunked'), sent('abc')),
  passes('odd case', coded(' ChUnKeD'), sent('abc')),
  passes('a tab before it', coded('\tchunked'), sent('abc')),
  passes('no blank', coded('chunked'), sent('abc')),
  passes('an empty body', coded(' chunked', '0\r\n\r\n'), sent()),
  passes('with a GET', text([`GET ${PATH} HTTP/1.1`, HOST, 'Transfer-Encoding: chunked'], CHUNKED), sent('abc', 'GET')),
  passes('with a PUT', text([`PUT ${PATH} HTTP/1.1`, HOST, 'Transfer-Encoding: chunked'], CHUNKED), sent('abc', 'PUT')),
  refused('gzip and then chunked', coded(' gzip, chunked'), 501),
  refused('deflate and then chunked', coded(' deflate,chunked'), 501),
  refused('identity and then chunked', coded(' identity, chunked'), 501),
  refused('a hundred and then chunked', coded(` ${'x, '.repeat(100)}chunked`), 501),
  refused('nothing and then chunked', coded(' , chunked')),
  refused('two lines, chunked last', post(['Transfer-Encoding: gzip', 'Transfer-Encoding: chunked'], CHUNKED)),
  refused('two lines, chunked first', post(['Transfer-Encoding: chunked', 'Transfer-Encoding: gzip'], CHUNKED)),
  refused('two lines of chunked', post(['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], CHUNKED)),
  refused('two lines, the first empty', post(['Transfer-Encoding:', 'Transfer-Encoding: chunked'], CHUNKED)),
  refused('two lines in different case', post(['Transfer-Encoding: chunked', 'transfer-encoding: identity'], CHUNKED)),
  refused('nothing', post(['Transfer-Encoding:'])),
  refused('nothing beside a length', post(['Transfer-Encoding:', 'Content-Length: 3'], 'abc')),
  refused('in HTTP/1.0', in10('Transfer-Encoding: chunked')),
  refused('in HTTP/1.0, kept alive', in10('Connection: keep-alive', 'Transfer-Encoding: chunked')),
  refused('in HTTP/1.0, beside a length', in10('Content-Length: 3', 'Transfer-Encoding: chunked')),
  refused('in HTTP/1.0, another', in10('Transfer-Encoding: gzip')),
  refused('a blank before the colon', post(['Transfer-Encoding : chunked'], CHUNKED)),
  refused('a blank before the name', post([' Transfer-Encoding: chunked'], CHUNKED)),
  refused('an underscore', post(['Transfer_Encoding: chunked'], '')),
  refused('an underscore beside a length', post(['Transfer_Encoding: chunked', 'Content-Length: 13'], CHUNKED)),
  passes('a name that ends so, as a header', post(['X-Transfer-Encoding: chunked', 'Content-Length: 3'], 'abc'), sent('abc')),
  passes('a content coding', post(['Content-Encoding: gzip', 'Content-Length: 3'], 'abc'), sent('abc')),
  { name: 'a body without an end', bytes: coded(' chunked', '3\r\nabc\r\n'), fin: true, upstream: [], client: [400] },
  { name: 'a request behind the end', bytes: coded(' chunked') + coded(' chunked', '1\r\nd\r\n0\r\n\r\n'), upstream: [sent('abc'), sent('d')], client: [200, 200] }
]
