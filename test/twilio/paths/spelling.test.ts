import fc from 'fast-check'
import t from 'tap'
import { routeTemplate } from '../../../src/twilio/paths/route.ts'
import { faultInPath, looseForm, namesTwoAccounts, otherReading } from '../../../src/twilio/paths/spelling.ts'
import { holds } from '../holds.ts'

const AC = `AC${'ab'.repeat(16)}`
const MESSAGES = `/2010-04-01/Accounts/${AC}/Messages.json`

t.test('what no server reads for certain has a fault, and what names of users may hold has none', async (t) => {
  const faulty = ['//v1', '/v1//Services', '/v1/Services//', '/a/../b', '/a/%2e%2e/b', '/a/%252e%252e/b', '/a%2f..%2fb', '/a/..;x/b', '/a/%2e%2e%3bx/b', '/a/..%20/b', '/v1\\Services', '/v1/%00', '/v1/a%0d%0ab', '/v1/%7f', '/v1/100%', '/v1/%zz', '/v1/%2', '/v1#x', `/v1/${'x'.repeat(9_000)}`]
  for (const path of faulty) t.type(faultInPath(path), 'string', path.slice(0, 40))
  const fine = ['/', '/v1/', '/v2/PhoneNumbers/+15551234567', '/v2/PhoneNumbers/%2B15551234567?a=%zz//../', '/v1/Services/IS1/Documents/a%2Fb', '/v1/Services/IS1/Documents/a%20b;c', '/v1/Services/IS1/Documents/...', '/v1/Services/IS1/Documents/a%5Cb', '/v1/Services/IS1/Documents/%E4%BD%A0', '/v1/é']
  for (const path of fine) t.equal(faultInPath(path), undefined, path)
})

t.test('a plain path has no other reading', async (t) => {
  for (const path of [MESSAGES, `${MESSAGES}?To=%2B1`, MESSAGES.toLowerCase(), '/v2/PhoneNumbers/+15551234567', '/v1/Services/IS1/Documents/a:b@c~d', '/v1/Services/']) t.equal(otherReading(path), undefined, path)
})

t.test('a word is what it may be to somebody who decodes once more, or overlooks what is around it', async (t) => {
  const spellings = ['Messages.json;x', 'Messages;v=1.json', '%254Dessages.json', '%25254Dessages.json', 'Messages.json.', 'Messages.json%20', '%20Messages.json', 'Messages.json%3Fx', 'Messages.json%23', 'Messages.html', 'Messages.json.json', 'Mess%E2%80%8Bages.json', '%EF%BC%ADessages.json', 'Messages.json+']
  for (const spelling of spellings) t.match(otherReading(MESSAGES.replace('Messages.json', spelling))?.route, /^\/2010-04-01\/Accounts\/{}\/Messages(\.json)?$/, spelling)
  for (const path of [MESSAGES.replace(`/${AC}/`, `%2F${AC}%2f`), MESSAGES.replace(`${AC}/`, `${AC}%5C`), MESSAGES.replace(AC, `${AC}.json`), MESSAGES.replace('.json', '/.json')]) {
    t.match(otherReading(path), { route: /^\/2010-04-01\/Accounts\/{}\/Messages/, account: AC }, path)
  }
})

t.test('names of users read the same both ways, slashes in them apart', async (t) => {
  for (const name of ['a%20b', 'a;b', 'report.pdf', 'a%2Bb', '%E4%BD%A0', 'jane%40example.com', '100%25', 'a%3Fb']) {
    const path = `/v1/Services/IS1/Documents/${name}`
    t.equal(otherReading(path)?.route, routeTemplate(path), name)
  }
  t.equal(otherReading('/v1/Services/IS1/Documents/users%2F42')?.route, '/v1/Services/{}/Documents/{}/{}')
})

t.test('an account is named once', async (t) => {
  t.equal(namesTwoAccounts(MESSAGES), false)
  t.equal(namesTwoAccounts(`/v1/Accounts/${AC}/Accounts/${AC.toLowerCase()}`), false)
  const two = `/v1/Accounts/${AC}/Accounts/AC${'c'.repeat(32)}`
  for (const path of [two, two.toLowerCase(), two.replaceAll('A', '%41')]) t.equal(namesTwoAccounts(path), true, path)
})

t.test('whatever comes, it is read without a throw, and no reading has an empty segment', async (t) => {
  const piece = fc.oneof(fc.constantFrom('/', '%2f', '%', '%25', '%00', '%ff', ';', '.', '..', '.json', '\\', 'Messages', 'Accounts', AC, '?', '#', '+', 'K'), fc.string({ maxLength: 4, unit: 'binary' }))
  holds(t, fc.property(fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`), (path) => {
    faultInPath(path)
    namesTwoAccounts(path)
    otherReading(path)
    const form = looseForm(path)
    return form === '' || form === '/' || faultInPath(path) !== undefined || (form.startsWith('/') && !form.includes('//'))
  }), 500)
})
