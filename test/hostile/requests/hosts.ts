/** Host headers and targets. */
import { HOST, PATH, passes, refused, sent, text, type Row } from '../row.ts'

const hosts = (...lines: string[]): string => text([`GET ${PATH} HTTP/1.1`, ...lines])
const target = (path: string, host = HOST): string => text([`GET ${path} HTTP/1.1`, host])

const NO_HOSTS: Readonly<Record<string, string>> = {
  nothing: '',
  blanks: '   ',
  'a list': 'api.twilio.com, api.twilio.com',
  'a list of two': 'api.twilio.com,evil.example',
  'two names': 'api.twilio.com evil.example',
  'a user name': 'user@api.twilio.com',
  'another host as a user name': 'api.twilio.com@evil.example',
  'a path': 'api.twilio.com/evil',
  'a query': 'api.twilio.com?evil',
  'a fragment': 'api.twilio.com#evil',
  'a backslash': 'api.twilio.com\\evil',
  'a scheme': 'http://api.twilio.com',
  'a port that is no number': 'api.twilio.com:x',
  'a port too many': 'api.twilio.com:443:443',
  'a port with a sign': 'api.twilio.com:+443',
  'a port of many digits': 'api.twilio.com:0000443',
  quotes: '"api.twilio.com"',
  'angle brackets': '<api.twilio.com>',
  'an open bracket': '[::1',
  'brackets around a name': '[api.twilio.com]',
  'an é': 'api.twilio.c\xc3\xb3m',
  'a tab within': 'api\t.twilio.com'
}
const NO_TARGETS: Readonly<Record<string, string>> = {
  'a fragment': `${PATH}#x`,
  'a fragment alone': '/#',
  'a fragment in the query': `${PATH}?a=b#c`,
  'a raw é': '/\xc3\xa9',
  'a raw byte above 127 in the query': '/?a=\xff',
  'a control byte': '/\x01',
  'a delete': '/\x7f',
  'a tab': '/a\tb',
  'a NUL': '/a\0b',
  'an asterisk': '*',
  'no slash': 'a',
  'an authority': 'api.twilio.com:443',
  'another scheme': 'ftp://api.twilio.com/a',
  'a scheme without slashes': 'http:/api.twilio.com/a',
  'two slashes': '//evil.example/a',
  'a dot segment': '/verify/../api',
  'an encoded dot segment': '/verify/%2e%2e/api'
}

export const HOSTS: readonly Row[] = [
  ...Object.entries(NO_HOSTS).map(([name, host]) => refused(`Host with ${name}`, hosts(`Host: ${host}`))),
  ...Object.entries(NO_TARGETS).map(([name, path]) => refused(`a target with ${name}`, target(path))),
  refused('no Host', hosts()),
  refused('two Hosts', hosts(HOST, HOST)),
  refused('two Hosts that differ', hosts(HOST, 'Host: verify.twilio.com')),
  refused('two Hosts, the first not Twilio\'s', hosts('Host: evil.example', HOST)),
  refused('two Hosts in different case', hosts(HOST, 'hOST: verify.twilio.com')),
  refused('two Hosts far apart', hosts(HOST, 'X-A: 1', 'X-B: 1', 'X-C: 1', 'Host: localhost')),
  refused('two Hosts in HTTP/1.0', text([`GET ${PATH} HTTP/1.0`, HOST, HOST])),
  refused('a Host that is not Twilio\'s', hosts('Host: evil.example'), 421),
  refused('a Host that begins like Twilio\'s', hosts('Host: api.twilio.com.evil.example'), 421),
  refused('a public address', hosts('Host: 8.8.8.8'), 421),
  refused('an absolute URL of somebody else', target('http://evil.example/a'), 421),
  refused('an absolute URL with a user name', target('http://api.twilio.com@evil.example/a'), 421),
  refused('an absolute URL that differs from Host', target('http://verify.twilio.com/v2')),
  refused('an absolute URL beside Host of the proxy', target('http://api.twilio.com/a', 'Host: localhost')),
  refused('an absolute URL whose port differs', target('http://api.twilio.com/a', 'Host: api.twilio.com:8443')),
  refused('a target that names another host', target('/evil.example/a', 'Host: localhost'), 421),
  passes('an absolute URL', target(`http://api.twilio.com${PATH}`), sent('', 'GET')),
  passes('an absolute URL with its port', target(`http://api.twilio.com:80${PATH}`), sent('', 'GET')),
  passes('an absolute URL in odd case', target(`HTTP://API.twilio.COM${PATH}`), sent('', 'GET')),
  passes('an absolute URL of https', target(`https://api.twilio.com${PATH}`, 'Host: api.twilio.com:443'), sent('', 'GET')),
  passes('an absolute URL without Host in HTTP/1.0', text([`GET http://api.twilio.com${PATH} HTTP/1.0`]), sent('', 'GET')),
  passes('Host in odd case', hosts('hOsT: API.Twilio.com'), sent('', 'GET')),
  passes('Host with a port', hosts('Host: api.twilio.com:443'), sent('', 'GET')),
  passes('Host of the proxy', hosts('Host: localhost:8080'), sent('', 'GET')),
  passes('Host as an IPv6 address', hosts('Host: [::1]:8080'), sent('', 'GET')),
  passes('blanks around Host', hosts('Host:   api.twilio.com\t'), sent('', 'GET')),
  passes('a query with an encoded line break', target(`${PATH}?a=%0d%0aX-A:%201`), sent('', 'GET', `${PATH}?a=%0d%0aX-A:%201`))
]
