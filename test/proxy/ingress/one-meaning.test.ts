import fc from 'fast-check'
import t from 'tap'
import { RefusalError } from '../../../src/proxy/errors.ts'
import { refuseOtherMethod, refuseTwoReadings } from '../../../src/proxy/ingress/one-meaning.ts'
import { RuleBook } from '../../../src/proxy/match.ts'
import { accountInPath } from '../../../src/twilio/paths/principal.ts'
import { bareRoute, routeTemplate } from '../../../src/twilio/paths/route.ts'
import { resolveTarget } from '../../../src/twilio/target.ts'
import { holds } from '../../twilio/holds.ts'

const AC = `AC${'ab'.repeat(16)}`
const ROUTES = ['/2010-04-01/Accounts/{}/Messages.json', '/2010-04-01/Accounts/{}/Calls', '/v2/Services/{}/Verifications', '/v1/Conversations/{}/Messages', '/2010-04-01/Accounts/{}/IncomingPhoneNumbers/Local.json']
const RULES = new RuleBook(ROUTES.map((route) => ({ match: { routes: [route] } })))

/** The route and account that a path is judged by, or that it is refused. */
function judged (method: string, url: string): string {
  const target = resolveTarget('api.twilio.com', url, () => false)
  if (!target.ok) return 'refused'
  const route = `${method} ${target.upstream.product}${routeTemplate(target.path)}`
  try {
    refuseTwoReadings(method, target.upstream.product, route, target.path, RULES)
  } catch (error) {
    if (error instanceof RefusalError && error.statusCode === 400) return 'refused'
    throw error
  }
  return `${bareRoute(route)} ${accountInPath(target.path) ?? ''}`
}

type Respelling = (path: string, at: number) => string
const encode = (path: string, at: number, upper: boolean): string => {
  const code = path.charCodeAt(at).toString(16).padStart(2, '0')
  return `${path.slice(0, at)}%${upper ? code.toUpperCase() : code}${path.slice(at + 1)}`
}
const insert = (text: string): Respelling => (path, at) => path.slice(0, at) + text + path.slice(at)
const slashAfter = (path: string, at: number): number => {
  const found = path.indexOf('/', at % path.length)
  return found === -1 ? path.lastIndexOf('/') : found
}
const RESPELLINGS: readonly Respelling[] = [
  (path, at) => /[A-Za-z0-9._~-]/.test(path[at] ?? '') ? encode(path, at, true) : path,
  (path, at) => /[A-Za-z0-9._~-]/.test(path[at] ?? '') ? encode(path, at, false) : path,
  (path, at) => path[at] === '%' ? `${path.slice(0, at)}%25${path.slice(at + 1)}` : path,
  (path, at) => path.slice(0, at) + (path[at] ?? '').toUpperCase() + path.slice(at + 1),
  (path, at) => path.slice(0, at) + (path[at] ?? '').toLowerCase() + path.slice(at + 1),
  (path, at) => insert('/')(path, slashAfter(path, at)),
  (path, at) => insert('/.')(path, slashAfter(path, at)),
  (path, at) => insert('/x/..')(path, slashAfter(path, at)),
  (path, at) => insert('/%2e')(path, slashAfter(path, at)),
  (path, at) => insert(';x=1')(path, slashAfter(path, at)),
  (path, at) => insert('%20')(path, slashAfter(path, at)),
  (path, at) => { const slash = slashAfter(path, at); return `${path.slice(0, slash)}%2f${path.slice(slash + 1)}` },
  (path) => path.replace(/\.json$/, ''),
  (path) => `${path}/`,
  (path) => path.replace(/(?:\.json)?$/, '.JSON'),
  (path) => `${path}.xml`,
  (path) => `${path};x`,
  (path) => `${path}%00`
]

t.test('any respelling of a path is judged as the path, or refused', async (t) => {
  const step = fc.tuple(fc.nat(RESPELLINGS.length - 1), fc.nat(200))
  holds(t, fc.property(fc.constantFrom(...ROUTES), fc.constantFrom('GET', 'POST', 'DELETE'), fc.array(step, { minLength: 1, maxLength: 6 }), (route, method, steps) => {
    const path = route.replace('{}', AC)
    const spelled = steps.reduce((text, [which, at]) => RESPELLINGS[which]!(text, at % text.length), path)
    const found = judged(method, spelled)
    return found === 'refused' || found.toLowerCase() === judged(method, path).toLowerCase()
  }), 2_000)
})

t.test('two readings matter where they make different things, belong to different accounts, or fall under different rules', async (t) => {
  const AMBIGUOUS_PATH = { message: /can be read in two ways/ }
  const AMBIGUOUS = '/v1/Services/IS1/Docu%256dents/x%2Fy'
  const check = (method: string, path: string, rules?: typeof RULES): void => { refuseTwoReadings(method, 'sync', `${method} sync${routeTemplate(path)}`, path, rules) }
  t.doesNotThrow(() => { check('GET', AMBIGUOUS, RULES) })
  t.throws(() => { check('GET', AMBIGUOUS, new RuleBook([{ match: { routes: ['/v1/Services/{}/Documents/*'] } }])) }, {
    message: 'The path can be read in two ways, as /v1/Services/{}/{}/{} and as /v1/Services/{}/Documents/{}/{}. Write Twilio\'s own words in it without encoding, and encode names only once.'
  })
  t.throws(() => { check('POST', '/v1/Services/IS1/Documents%20') }, AMBIGUOUS_PATH)
  t.doesNotThrow(() => { check('GET', '/v1/Services/IS1/Documents%20') })
  t.throws(() => { check('GET', `/v1/Accounts;x/${AC}`) }, AMBIGUOUS_PATH, 'whose it is')
  t.throws(() => { check('GET', `/v1/Accounts/${AC}/Accounts/AC${'0'.repeat(32)}`) }, { message: /two accounts/ })
})

t.test('a method that is said to be another one is refused', async (t) => {
  const fine: ReadonlyArray<Parameters<typeof refuseOtherMethod>> = [['POST', {}, '/x'], ['GET', {}, '/x?Method=GET&PageToken=a%20b'], ['POST', { 'x-http-method-override': ' post ' }, '/x'], ['PUT', {}, '/x?_method=put'], ['POST', {}, '/x_method=GET']]
  for (const request of fine) t.doesNotThrow(() => { refuseOtherMethod(...request) })
  const other: ReadonlyArray<Parameters<typeof refuseOtherMethod>> = [['GET', { 'x-http-method-override': 'POST' }, '/x'], ['GET', { 'x-http-method': 'POST' }, '/x'], ['GET', { 'x-method-override': 'POST, GET' }, '/x'], ['GET', {}, '/x?_method=POST'], ['GET', {}, '/x?a=b&_meth%6fd=POST'], ['GET', {}, '/x?_METHOD=POST']]
  for (const request of other) t.throws(() => { refuseOtherMethod(...request) }, { message: /another method than GET/ })
})

t.test('the parameter may have blanks around its value, and any of several is another method', async (t) => {
  t.doesNotThrow(() => { refuseOtherMethod('PUT', {}, '/x?_method=%20put%20') })
  t.throws(() => { refuseOtherMethod('PUT', {}, '/x?_method=PUT&_method=POST') }, { message: /another method than PUT/ })
})
