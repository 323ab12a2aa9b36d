/** The edges of what is read of a path, a query, a host and a credential. */
import t from 'tap'
import { parseClass, classOf } from '../../../src/twilio/class.ts'
import { createHosts, parseTwilioHost } from '../../../src/twilio/hosts.ts'
import { percentDecoded } from '../../../src/twilio/paths/percent.ts'
import { accountInPath, accountsInPath, canonicalName, parsePrincipal } from '../../../src/twilio/paths/principal.ts'
import { namesInQuery, valuesInQuery } from '../../../src/twilio/paths/query.ts'
import { ancestorsOf, resourceOf } from '../../../src/twilio/paths/resource.ts'
import { limitedRoute } from '../../../src/twilio/paths/route-variant.ts'
import { routeTemplate } from '../../../src/twilio/paths/route.ts'
import { faultInPath, looseForm, namesTwoAccounts } from '../../../src/twilio/paths/spelling.ts'
import { resolveTarget } from '../../../src/twilio/target.ts'

const [A, B, C] = ['a', 'b', 'c'].map((letter) => `AC${letter.repeat(32)}`) as [string, string, string]
const bearer = (claims: object): string => `Bearer x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.y`

t.test('a credential is read up to 16,384 characters', async (t) => {
  const header = (length: number): string => `Basic ${Buffer.from(`${A}:`).toString('base64')}`.padEnd(length, '*')
  t.strictSame(parsePrincipal(header(16_384)), { kind: 'account', sid: A })
  t.strictSame(parsePrincipal(header(16_385)), { kind: 'anonymous' })
})

t.test('a subject has 256 characters at most; of claims those that are meant for an account come first', async (t) => {
  const subjectOf = (length: number): string | undefined => {
    const principal = parsePrincipal(bearer({ sub: 'x'.repeat(length) }))
    return principal.kind === 'bearer' ? principal.subject : undefined
  }
  t.equal(subjectOf(256)?.length, 256)
  t.equal(subjectOf(257), undefined)
  const claims = [
    'acc', 'account_sid', 'accountSid', 'account', 'account_id', 'accountId', 'sub', 'iss', 'azp', 'client_id'
  ]
  for (const [i, claim] of claims.entries()) {
    const rest = Object.fromEntries(claims.slice(i + 1).map((name) => [name, B]).reverse())
    t.match(parsePrincipal(bearer({ ...rest, [claim]: A })), { accountSid: A }, claim)
  }
  t.match(parsePrincipal(bearer({ iss: 'i', sub: 's', azp: 'a' })), { subject: 'a' })
  t.match(parsePrincipal(bearer({ iss: 'i', sub: 's' })), { subject: 's' })
})

t.test('a user\'s name stays as it is, a SID gets its one spelling', async (t) => {
  t.strictSame(parsePrincipal(`Basic ${btoa(' me :x')}`), { kind: 'user', name: ' me ' })
  t.same(['ac', 'AC'].map((start) => canonicalName(start + 'A'.repeat(32))), [A, A])
  t.equal(canonicalName('Shop'), 'Shop')
})

t.test('accounts of a path are counted, each once, whatever its spelling; those of a query are none', async (t) => {
  t.equal(accountsInPath('/v1/Services'), 0)
  t.equal(accountsInPath(`/2010-04-01/Accounts/${A}.json`), 1)
  t.equal(accountsInPath(`/2010-04-01/Accounts/${A}/Accounts/${A.toLowerCase()}`), 1)
  t.equal(accountsInPath(`/2010-04-01/Accounts/${A}/x/%41ccounts/${B}`), 2)
  t.equal(accountsInPath(`/2010-04-01/Accounts/${A}/x/Account%73/${B}`), 2)
  t.equal(accountsInPath(`/2010-04-01/Accounts/${A}/accounts/${B}/ACCOUNTS/${C}`), 3)
  t.equal(accountsInPath(`/2010-04-01/Accounts/${A}?x=/Accounts/${B}`), 1)
  t.same([`/Accounts/${A}`, `/Accounts/${A}/Accounts/${B}`].map(namesTwoAccounts), [false, true])
  t.equal(accountInPath(`/v1/x?y=%41/accounts/${A}`), undefined)
  t.equal(accountInPath(`/2010-04-01/Accounts/${A.slice(0, 2)}${'A'.repeat(32)}`), A)
})

t.test('what is encoded and no UTF-8 is a character a byte', async (t) => {
  t.equal(percentDecoded('%C3%A9%ff%2F%zz'), 'Ã©ÿ/%zz')
  t.equal(percentDecoded('%C3%A9-%2f'), 'é-/')
})

t.test('parameters are known in any case, encoded, as lists, and with their spaces', async (t) => {
  const path = '/x?Page+Size=a+b&TO%5B%5D=%2B1&to[0]=2&flag&=v'
  t.same([...namesInQuery(path)], ['page size', 'to', 'flag', ''])
  t.same(valuesInQuery(path, 'To'), ['+1', '2'])
  t.same(valuesInQuery(path, 'PAGE SIZE'), ['a b'])
  t.same(valuesInQuery(path, 'flag'), [''])
  t.same(valuesInQuery('/x', 'To'), [])
  t.equal(
    limitedRoute('taskrouter', 'r', '/x?targetworkersexpression=1&EVALUATETASKATTRIBUTES=2'),
    'r?EvaluateTaskAttributes&TargetWorkersExpression'
  )
})

t.test('a resource has one spelling, and its ancestors come nearest first', async (t) => {
  t.equal(resourceOf('/v2/Services/VA1/Entities.JSON?Page=1'), '/v2/services/va1/entities')
  t.equal(resourceOf('/v2/Services/VA1/'), '/v2/services/va1')
  t.same(ancestorsOf('/v2/services/va1'), ['/v2/services', '/v2'])
  t.same(ancestorsOf('/v2'), [])
})

t.test('a template has 16 segments at most, and empty ones count for nothing', async (t) => {
  const path = (segments: number): string => '/x'.repeat(segments)
  t.equal(routeTemplate(path(16)), '/{}'.repeat(16))
  t.equal(routeTemplate(path(17)), '/{}'.repeat(16))
  t.equal(routeTemplate(`${path(15)}/Messages`), `${'/{}'.repeat(15)}/Messages`)
  t.equal(routeTemplate(`${path(15)}/Messages//`), `${'/{}'.repeat(15)}/Messages`)
  t.equal(routeTemplate(`${path(15)}/Messages/x`), '/{}'.repeat(16))
  t.same(['', '/', '//', '/?x'].map(routeTemplate), ['/', '/', '/', '/'])
})

t.test('a path has 8,192 characters at most, its query aside', async (t) => {
  const path = (length: number): string => '/'.padEnd(length, 'x')
  t.equal(faultInPath(`${path(8_192)}?y=${'z'.repeat(100)}`), undefined)
  t.match(faultInPath(path(8_193)), /longer than 8192 characters/)
})

t.test('each fault of a path has its sentence', async (t) => {
  const faults = {
    '//x': /begins with two slashes/,
    '/\\x': /begins with two slashes/,
    '/x/../y': /dot segment/,
    '/x/%2525252e%2e/y': /dot segment/,
    '/x y': /must be percent-encoded/,
    '/x//y': /two slashes in a row/,
    '/x\\y': /backslash/,
    '/x#y': /number sign/,
    '/x%y': /percent sign/,
    '/x%0a': /control character/,
    '/x%7F': /control character/
  }
  for (const [path, sentence] of Object.entries(faults)) t.match(faultInPath(path), sentence, path)
})

t.test('the loose form undoes what servers may overlook', async (t) => {
  const forms = {
    '/v1/%25254dessages': '/v1/Messages',
    '/v1/Mes\u200bsages': '/v1/Messages',
    '/v1/Ｍessages': '/v1/Messages',
    '/v1/Messages;a=b/x': '/v1/Messages/x',
    '/v1/Messages.html': '/v1/Messages'
  }
  for (const [path, form] of Object.entries(forms)) t.equal(looseForm(path), form, path)
})

t.test('a host has 128 characters at most, an edge and a region, and no more', async (t) => {
  const edge = (length: number): string => 'e'.repeat(length)
  const name = (length: number): string => `api.${edge(57)}.us1.twilio.com`.padEnd(length, '.')
  t.ok(parseTwilioHost(name(`api.${edge(57)}.us1.twilio.com`.length)))
  const long = (length: number): string => `${'p'.repeat(length - '.twilio.com'.length)}.twilio.com`
  const hosts = createHosts([long(128).split('.')[0]!, 'New.US1.twilio.com'])
  t.ok(hosts.parse(long(128)))
  t.equal(hosts.parse('NEW.us1.TWILIO.com.:443')?.host, 'new.us1.twilio.com')
  t.equal(parseTwilioHost('api.a.dublin.ie1.twilio.com'), undefined)
  t.equal(hosts.ofProduct('mcs')?.host, 'mcs.us1.twilio.com')
})

t.test('a class is read in any case and with spaces, up to 32 characters', async (t) => {
  t.equal(parseClass(' Critical '), 'critical')
  t.equal(parseClass('standard'.padEnd(32)), 'standard')
  t.equal(parseClass('standard'.padEnd(33)), undefined)
  t.same(
    ['OPTIONS', 'HEAD', 'GET'].map((method) => classOf(method, 'verify', '/v2/Services')), ['read', 'read', 'read']
  )
  t.same(
    ['verify', 'voice', 'api'].map((product) => classOf('POST', product, '/v1/x')),
    ['critical', 'critical', 'standard']
  )
})

t.test('a refusal shows 100 characters of a host, printable ones, and nothing before an @', async (t) => {
  const refused = (host: string): string => {
    const target = resolveTarget(host, '/x', () => false)
    return target.ok ? '' : target.message
  }
  t.match(refused('x'.repeat(100)), `"${'x'.repeat(100)}" is neither`)
  t.match(refused('x'.repeat(101)), `"${'x'.repeat(100)}" is neither`)
  t.match(refused('user:secret@host\u00e9.example'), '"host?.example" is neither')
  t.notMatch(refused('user:secret@host.example'), /secret/)
})
