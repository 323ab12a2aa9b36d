/** Spellings of a path: one meaning, or none. What is sent on stays byte for byte what came. */
import { get, HOST, passes, PATH, post, refused, sent, text, type Row } from '../row.ts'

const ACCOUNT = /AC\d+/.exec(PATH)?.[0] ?? ''
const ACCOUNTS = PATH.slice(0, PATH.indexOf(ACCOUNT))
const BODY = 'To=%2B1&Body=x'
const LENGTH = [`Content-Length: ${BODY.length}`, 'Content-Type: application/x-www-form-urlencoded']
const create = (path: string): string => post(LENGTH, BODY, `POST ${path} HTTP/1.1`)
const spelled = (word: string): string => PATH.replace('Messages.json', word)

/** A create in one reading, and something else in the other. */
const NO_WORDS = [
  'Messages.json;x', 'Messages;x=1.json', 'Messages.json%3Bx', 'Messages.json.', 'Messages.json%20', '%20Messages.json', 'Messages%20.json;x', 'Messages.json%3Fx', 'Messages.json%23x',
  'Messages.json+', 'Messages.html', 'Messages.json.json', 'Messages.json.xml', 'Messages/.json', '%254Dessages.json', '%25254Dessages.json', 'Messages%252ejson.json', 'Mess%E2%80%8Bages.json', 'Mess%C2%ADages.json', '%EF%BC%ADessages.json',
  'x%2F..%2FMessages.json', 'Messages.json%2F', '%2FMessages.json', '%5CMessages.json', 'Messages.json%5C', 'SM1%2FMessages.json'
]
/** What no server reads for certain, whatever it is in. */
const NO_PATHS = [
  PATH.replace('/Accounts', '//Accounts'), PATH.replace('/Messages', '//Messages'), `${PATH}//`, PATH.replace('/Messages', '/./Messages'), PATH.replace('/Messages', '/x/../Messages'), PATH.replace('/Messages', '/%2e/Messages'),
  PATH.replace('/Messages', '/x/%2E%2e/Messages'), PATH.replace('/Messages', '/x/..;y/Messages'), PATH.replace('/Messages', '/x/%252e%252e/Messages'), PATH.replace('/Messages', '\\Messages'), `${PATH}%00`, `${PATH}%0d%0a`, `${PATH}%7f`,
  `${PATH}%`, `${PATH}%4`, `${PATH}%zz`, PATH.replace(ACCOUNT, `${ACCOUNT}/Accounts/AC${'b'.repeat(32)}`), PATH.replace(ACCOUNT, `${ACCOUNT};x`), PATH.replace(ACCOUNT, `${ACCOUNT}%20`), PATH.replace('Accounts', 'Accounts;x'), `${PATH}?_method=DELETE`, `${PATH}?a=b&%5Fmethod=PUT`
]
/** Two spellings of one thing. */
const WORDS = ['Messages', 'Messages.xml', 'messages.json', 'MESSAGES.JSON', '%4Dessages.json', '%4dessages.json', 'Messages%2Ejson', 'Messages.json/', 'Messages.json?', 'Messages.json?To=%2B1']
/** Names that somebody chose. */
const NAMES = ['a%2Fb', 'a%20b', 'a;b=c', '100%25', '%E4%BD%A0', 'report.pdf', 'jane%40example.com', '+15551234567', '%2B15551234567', 'users%2F42', 'Messages', 'a%5Cb', '%ff', '...', 'a..b']

export const CANONICAL: readonly Row[] = [
  ...NO_WORDS.map((word) => refused(`a create at ${word}`, create(spelled(word)))),
  ...NO_PATHS.map((path) => refused(`a create at ${path}`, create(path))),
  ...['x-http-method-override: PUT', 'X-HTTP-Method: DELETE', 'X-Method-Override: GET'].map((header) => refused(header, post([...LENGTH, header], BODY))),
  ...['/verif%79/v2/Services', '/%76erify/v2/Services', '/verify;x/v2/Services', '/verify%2Fv2/Services', '/verify%20/v2/Services'].map((path) => refused(`the product in ${path}`, text([`GET ${path} HTTP/1.1`, 'Host: localhost']))),
  ...WORDS.map((word) => passes(`a create at ${word}`, create(spelled(word)), sent(BODY, 'POST', spelled(word)))),
  ...[`${ACCOUNTS}${ACCOUNT.toLowerCase()}/Messages.json`, PATH.replace('Accounts', '%41ccounts'), PATH.replace('Accounts', 'accounts')].map((path) => passes(`a create at ${path}`, create(path), sent(BODY, 'POST', path))),
  ...NAMES.map((name) => passes(`a document called ${name}`, get([], `/v1/Services/IS1/Documents/${name}`), sent('', 'GET', `/v1/Services/IS1/Documents/${name}`))),
  passes('an override that names the same method', text([`GET ${PATH} HTTP/1.1`, HOST, 'X-HTTP-Method-Override: get']), sent('', 'GET'))
]
