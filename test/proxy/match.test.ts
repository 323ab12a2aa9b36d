import t from 'tap'
import { RuleBook, type Facts, type Match } from '../../src/proxy/match.ts'

const SID = `AC${'a'.repeat(32)}`
const REQUEST: Facts = {
  method: 'GET',
  upstream: { product: 'taskrouter' },
  route: 'GET taskrouter/v1/Workspaces/{}/Tasks',
  class: 'read',
  caller: 'signup-eu',
  account: { key: `${SID}@ie1` },
  path: '/v1/Workspaces/WS1/Tasks?EvaluateTaskAttributes=a&Page=1&Bare'
}
const FIELDS: Readonly<Record<string, string>> = { From: '+15551230000' }

const holds = (match: Match, over: Partial<Facts> = {}): boolean =>
  new RuleBook([{ match }]).of({ ...REQUEST, ...over }, (name) => [FIELDS[name] ?? []].flat()).length === 1

t.test('all that a match names must hold, and what it leaves out holds', async (t) => {
  t.ok(holds({}))
  t.ok(holds({ products: ['verify', 'taskrouter'], methods: ['GET'], classes: ['read'], query: ['Page'] }))
  t.notOk(holds({ products: ['taskrouter'], methods: ['POST'] }))
})

t.test('each part by itself', async (t) => {
  const cases: Array<[Match, boolean]> = [
    [{ products: ['taskrouter'] }, true],
    [{ products: ['task'] }, false],
    [{ methods: ['GET', 'HEAD'] }, true],
    [{ methods: ['DELETE'] }, false],
    [{ routes: ['/v1/Workspaces/{}/Tasks'] }, true],
    [{ routes: ['/v1/Workspaces/{}'] }, false],
    [{ routes: ['/v1/Workspaces/{}/Tasks.json'] }, true],
    [{ routes: ['/v1/Workspaces/{}/Tasks.json*'] }, true],
    [{ routes: ['/v1/Workspaces/*'] }, true],
    [{ routes: ['/v2/*'] }, false],
    [{ classes: ['bulk'] }, false],
    [{ callers: ['signup*'] }, true],
    [{ callers: ['signup'] }, false],
    [{ accounts: [SID] }, true],
    [{ accounts: [`AC${'b'.repeat(32)}`] }, false],
    [{ query: ['EvaluateTaskAttributes'] }, true],
    [{ query: ['Bare', 'Page'] }, true],
    [{ query: ['Pag'] }, false],
    [{ query: ['Page', 'Missing'] }, false],
    [{ fields: { From: '+1555*' } }, true],
    [{ fields: { From: '+1555' } }, false],
    [{ fields: { To: '*' } }, false]
  ]
  for (const [match, expected] of cases) t.equal(holds(match), expected, JSON.stringify(match))
  t.notOk(holds({ query: ['Page'] }, { path: '/v1/Workspaces/WS1/Tasks' }), 'no query at all')
  t.ok(holds({ accounts: [SID] }, { account: { key: SID } }), 'an account without a region')
  t.ok(holds({ accounts: [SID.toUpperCase()] }), 'in another case')
  t.ok(holds({ query: ['evaluatetaskattributes', 'Page'] }, { path: '/x?Evaluate%54askAttributes=a&page=1' }), 'in another spelling')
  t.ok(new RuleBook([{ match: { fields: { From: '+1' } } }]).of(REQUEST, () => undefined).length === 1, 'of a body that nobody can read')
  t.ok(new RuleBook([{ match: { fields: { From: '+1' } } }]).of(REQUEST, () => ['+2', '+1']).length === 1, 'one of several values')
})

t.test('rules come in their order, and the first of them alone where that is asked for', async (t) => {
  const rules = [{ match: { methods: ['POST'] } }, { match: { classes: ['read' as const] } }, { match: {} }]
  const book = new RuleBook(rules)
  t.same(book.of(REQUEST, () => undefined), [rules[1], rules[2]])
  t.equal(book.first(REQUEST), rules[1])
  t.equal(book.first({ ...REQUEST, class: 'bulk' }), rules[2], 'the same route, another request')
})

t.test('a rule for any form of a route is for all of its forms', async (t) => {
  const routes = ['.json', '.xml', '.csv', ''].map((form) => `/v1/Workspaces/{}/Tasks${form}`)
  for (const rule of routes) {
    for (const route of routes) {
      t.ok(holds({ routes: [rule] }, { route: `GET taskrouter${route}` }), `${rule} of ${route}`)
    }
  }
})

t.test('two routes are told apart by rules that are for one of them alone', async (t) => {
  const [tasks, both, other] = [{ match: { routes: ['/v1/Tasks'] } }, { match: { routes: ['/v1/*'] } }, { match: { routes: ['/v1/Other'] } }]
  const tellsApart = (...rules: ReadonlyArray<{ readonly match: Match }>): readonly boolean[] => {
    const book = new RuleBook(rules)
    return [book.tellsApart('GET api/v1/Tasks', 'GET api/v1/Other'), book.tellsApart('GET api/v1/Other', 'GET api/v1/Tasks')]
  }
  t.same(tellsApart(both), [false, false])
  t.same(tellsApart(tasks), [true, true])
  t.same(tellsApart(both, tasks), [true, true], 'one more for one of them')
  t.same(tellsApart(other, tasks), [true, true], 'as many, but others')
})
