import fc from 'fast-check'
import t from 'tap'
import { holds } from '../holds.ts'
import { PATH_WORDS } from '../../../src/twilio/paths/route-words.ts'
import { routeTemplate } from '../../../src/twilio/paths/route.ts'
import { WORD_PAIRS } from '../../../src/twilio/paths/word-pairs.ts'

const AC = `AC${'0'.repeat(32)}`
const SM = `SM${'ab'.repeat(16)}`
const LONGEST_WORD = PATH_WORDS.reduce((a, b) => b.length > a.length ? b : a)

t.test('Twilio\'s words stay, all else is a hole', async t => {
  const cases: Array<[string, string]> = [
    [`/2010-04-01/Accounts/${AC}/Messages.json`, '/2010-04-01/Accounts/{}/Messages.json'],
    [`/2010-04-01/Accounts/${AC}/Messages/${SM}.json`, '/2010-04-01/Accounts/{}/Messages/{}.json'],
    [`/2010-04-01/Accounts/${AC}/Messages/${SM}`, '/2010-04-01/Accounts/{}/Messages/{}'],
    [`/2010-04-01/Accounts/${AC}/Calls.csv?To=%2B1415`, '/2010-04-01/Accounts/{}/Calls.csv'],
    [`/2010-04-01/Accounts/${AC}.xml`, '/2010-04-01/Accounts/{}.xml'],
    ['/2010-04-01/Accounts.json', '/2010-04-01/Accounts.json'],
    [`/2008-08-01/Accounts/${AC}/SMS/Messages`, '/2008-08-01/Accounts/{}/SMS/Messages'],
    [`/2010-04-01/Accounts/${AC}/Recordings/RE1.mp3`, '/2010-04-01/Accounts/{}/Recordings/{}'],
    [`/2010-04-01/Accounts/${AC}/AvailablePhoneNumbers/GB/Local.json`, '/2010-04-01/Accounts/{}/AvailablePhoneNumbers/{}/Local.json'],
    ['/v2/Services/VA1/Verifications/+14155550100', '/v2/Services/{}/Verifications/{}'],
    ['/v2/PhoneNumbers/%2B14155550100?Fields=x', '/v2/PhoneNumbers/{}'],
    ['/v1/Emails/Operations/comms_operation_1', '/v1/Emails/Operations/{}'],
    ['/v4/x', '/v4/{}'],
    ['/v1/services', '/v1/Services'],
    ['/v1/%53ervices', '/v1/Services'],
    [`/2010-04-01/%41ccounts/${AC}/%4Dessages%2ejson`, '/2010-04-01/Accounts/{}/Messages.json'],
    [`/2010-04-01/ACCOUNTS/${AC}/messages.JSON`, '/2010-04-01/Accounts/{}/Messages.json'],
    [`/2010-04-01/Accounts/${AC}/SMS/messages`, '/2010-04-01/Accounts/{}/SMS/Messages'],
    [`/2010-04-01/Accounts/${AC}/incomingphonenumbers/tollfree.Xml`, '/2010-04-01/Accounts/{}/IncomingPhoneNumbers/TollFree.xml'],
    [`/2010-04-01/Accounts/${AC}/AvailablePhoneNumbers/US/tollfree.json`, '/2010-04-01/Accounts/{}/AvailablePhoneNumbers/{}/TollFree.json'],
    ['/v1/tollfree/verifications', '/v1/Tollfree/Verifications'],
    ['/v1/x/tollfree', '/v1/{}/TollFree'],
    [`/v1/${LONGEST_WORD}.json`, `/v1/${LONGEST_WORD}.json`],
    [`/v1/${LONGEST_WORD}x.json`, '/v1/{}.json'],
    ['/v1/Services/IS1/Documents/Config', '/v1/Services/{}/Documents/{}'],
    ['/v1/Services/IS1/Documents/users', '/v1/Services/{}/Documents/{}'],
    ['/v1/Services/IS1/Documents/%ff%fe', '/v1/Services/{}/Documents/{}'],
    ['/v1/Emails/Operations', '/v1/Emails/Operations'],
    ['/v1//Services/', '/v1/Services'],
    ['/.json', '/{}.json'],
    ['/a.xml.json', '/{}.json'],
    ['/.well-known/oauth-authorization-server', '/.well-known/oauth-authorization-server'],
    ['/', '/'], ['', '/'], ['?x', '/'], ['//', '/']
  ]
  for (const [path, expected] of cases) t.equal(routeTemplate(path), expected, path)
})

t.test('nothing that a user chose survives', async t => {
  const personal = ['+14155550100', '%2B14155550100', '14155550100', '4155550100.json', 'jane.doe@example.com', 'jane%40example.com.json', 'Jane', 'vip-customers', 'users:42',
    '123e4567-e89b-12d3-a456-426614174000', 'MessagesOfJane', 'Messages%20', 'Messages.jsonx', 'Messages.json.csv', '__proto__', 'constructor', 'toString.json', 'GB', 'é', '\u0000']
  for (const name of personal) {
    for (const path of [`/v1/Services/IS1/Documents/${name}`, `/${name}`, `/v1/${name}/Items?x=${name}`, `/v2/Services/${name}/${name}`]) {
      t.notOk(routeTemplate(path).includes(name), path)
    }
  }
})

t.test('sixteen segments at most', async t => {
  const path = (count: number): string => '/v1/{}'.repeat(count / 2)
  t.equal(routeTemplate(path(16)), path(16))
  t.equal(routeTemplate(`${path(16)}///?/v1`), path(16))
  t.equal(routeTemplate(path(18)), `${path(14)}/v1/{}`)
  t.equal(routeTemplate(`${path(5000)}/+1415.json`), `${path(14)}/v1/{}`)
})

t.test('every segment of a template is a word or a hole, whatever the path', async t => {
  const words = new Set(PATH_WORDS)
  const known = (segment: string): boolean => words.has(segment) || segment === '{}'
  const segment = fc.oneof(fc.constantFrom(...PATH_WORDS, '', '.json', '?', '{}', AC), fc.string({ unit: 'binary' }))
  const path = fc.oneof(fc.string(), fc.array(segment, { maxLength: 20 }).map((segments) => `/${segments.join('/')}`))
  holds(t, fc.property(path, (text) => {
    const template = routeTemplate(text)
    const segments = template === '/' ? [] : template.slice(1).split('/')
    return template.startsWith('/') && segments.length <= 16 && segments.every((part) => known(part) || known(part.replace(/\.(json|xml|csv)$/, '')))
  }), 500)
})

t.test('the words are sorted, and unlike any SID or number; those of the newest SDK are among them', async t => {
  t.strictSame(PATH_WORDS, [...new Set(PATH_WORDS)].sort())
  t.strictSame(PATH_WORDS.filter((word) => /[A-Z]{2}[0-9a-f]{32}|\d{5}|[^A-Za-z0-9.-]|\.(json|xml|csv)$/.test(word)), [])
  const words = new Set(PATH_WORDS)
  t.strictSame(WORD_PAIRS.flatMap((pair) => pair.split(' ')).filter((word) => !words.has(word)), [], 'those that stand side by side, too')
  t.ok(PATH_WORDS.includes('SharedKeys') && PATH_WORDS.includes('2010-04-01'))
})
