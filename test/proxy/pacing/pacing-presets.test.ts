import { readFileSync } from 'node:fs'
import t from 'tap'
import { PRESET_NAMES } from '../../../src/config/schema/sections/pacing.ts'
import { PRODUCTS } from '../../../src/twilio/products.ts'
import { RuleBook, type Facts } from '../../../src/proxy/match.ts'
import { PACING_PRESETS, type Preset } from '../../../src/proxy/pacing/pacing-presets.ts'
import { routeTemplate } from '../../../src/twilio/paths/route.ts'

const presets: ReadonlyArray<[string, Preset]> = Object.entries(PACING_PRESETS)
const ACCOUNT = `AC${'a'.repeat(32)}`
const SID = `IS${'b'.repeat(32)}`

const facts = (method: string, product: string, path: string): Facts =>
  ({ method, upstream: { product }, route: `${method} ${product}${routeTemplate(path)}`, class: 'standard', caller: 'x', account: { key: ACCOUNT }, path })

/** How many rules of a preset are for a request. */
const rulesFor = (name: keyof typeof PACING_PRESETS, method: string, product: string, path: string, fields: Record<string, string> = {}): number =>
  new RuleBook(PACING_PRESETS[name].rules).of(facts(method, product, path), (field) => [fields[field] ?? []].flat()).length

t.test('the settings know every preset, and the docs tell of each with its source', async (t) => {
  t.same([...PRESET_NAMES].sort(), presets.map(([name]) => name).sort())
  const page = readFileSync('docs/pacing.md', 'utf8')
  for (const [name, { figure, source }] of presets) t.ok(page.includes(`| \`${name}\` | ${figure} | [source](${source}) |`), name)
})

t.test('every route is one that requests really have', async (t) => {
  for (const [name, { rules }] of presets) {
    for (const { match } of rules) {
      t.ok(match.products?.every((product) => PRODUCTS.includes(product)), name)
      for (const route of match.routes ?? []) {
        const path = route.replace(/\*$/, '').replaceAll('{}', SID)
        t.equal(routeTemplate(path), route.replace(/\/?\*$/, ''), `${name}: ${route}`)
      }
    }
  }
})

t.test('presets are for what Twilio counts, and for nothing beside it', async (t) => {
  const of = rulesFor
  t.equal(of('verify-status', 'GET', 'verify', `/v2/Services/${SID}/Verifications/${SID}`), 3, 'a minute, an hour, a day')
  t.equal(of('verify-status', 'POST', 'verify', `/v2/Services/${SID}/Verifications`), 0)
  t.equal(of('taskrouter-tasks', 'GET', 'taskrouter', `/v1/Workspaces/${SID}/Tasks?EvaluateTaskAttributes=a`), 1)
  t.equal(of('taskrouter-tasks', 'GET', 'taskrouter', `/v1/Workspaces/${SID}/Tasks?Page=1`), 0)
  t.equal(of('sync-writes', 'POST', 'sync', `/v1/Services/${SID}/Maps/${SID}/Items`), 1)
  t.equal(of('sync-writes', 'POST', 'sync', `/v1/Services/${SID}/Maps`), 0, 'a new object')
  t.equal(of('sync-reads', 'GET', 'sync', `/v1/Services/${SID}/Documents/${SID}`), 1)
  t.equal(of('conversations-conversation', 'POST', 'conversations', `/v1/Conversations/${SID}/Messages`), 1)
  t.equal(of('conversations-conversation', 'GET', 'conversations', `/v1/Conversations/${SID}/Messages`), 0)
  t.equal(of('conversations-service', 'DELETE', 'conversations', `/v1/Services/${SID}/Users/${SID}`), 1)
  t.equal(of('messages-account', 'POST', 'api', `/2010-04-01/Accounts/${ACCOUNT}/Messages.json`), 1)
  t.equal(of('messages-account', 'POST', 'api', `/2010-04-01/Accounts/${ACCOUNT}/Messages/${SID}.json`), 0, 'a change of one')
  const send = (name: keyof typeof PACING_PRESETS, From: string): number => of(name, 'POST', 'api', `/2010-04-01/Accounts/${ACCOUNT}/Messages.json`, { From })
  t.same(['+15551230000', '+18005550100', '12345', 'Brand'].map((from) => send('sms-long-code', from)), [1, 1, 0, 0])
  t.same(['+15551230000', '+18005550100', '12345'].map((from) => send('sms-toll-free', from)), [0, 1, 0])
  t.same(['+15551230000', '12345'].map((from) => send('sms-short-code', from)), [0, 1])
})

t.test('each preset has the paces of its figure, counted apart as Twilio counts', async (t) => {
  const perSecond = (count: number): object => ({ perSecond: count })
  const sender = { field: 'From' }
  type Row = [pace: object, per: object | undefined, rules?: number]
  const expected: Record<keyof typeof PACING_PRESETS, Row[]> = {
    'verify-status': [
      [{ starts: 60, intervalMs: 60_000 }, { segments: 5 }], [{ starts: 180, intervalMs: 3_600_000 }, { segments: 5 }],
      [{ starts: 250, intervalMs: 86_400_000 }, { segments: 5 }]
    ],
    'taskrouter-tasks': [[perSecond(3), undefined]],
    'taskrouter-workers': [[perSecond(3), undefined]],
    'taskrouter-queues': [[perSecond(3), undefined]],
    'proxy-service': [[{ starts: 150, intervalMs: 5_000 }, { route: true, segments: 3 }]],
    'conversations-conversation': [[perSecond(30), { segments: 3 }], [perSecond(30), { segments: 5 }]],
    'conversations-service': Array.from({ length: 3 }, () => [
      [perSecond(30), {}, 2], [perSecond(30), { segments: 3 }, 2]
    ] as Array<[object, object, number]>).flat(),
    'sync-writes': [[{ starts: 200, intervalMs: 10_000 }, { segments: 5 }]],
    'sync-reads': [[{ starts: 200, intervalMs: 10_000 }, { segments: 5 }]],
    'sync-streams': [[{ starts: 300, intervalMs: 10_000 }, { segments: 5 }]],
    'flex-interactions': [[perSecond(20), { route: true }]],
    'flex-webchat': [[perSecond(5), undefined]],
    'content-templates': [[perSecond(100), { route: true }, 3], [perSecond(20), { route: true }, 2]],
    'messages-account': [[perSecond(2_000), undefined]],
    'sms-long-code': [[perSecond(1), sender]],
    'sms-toll-free': [[perSecond(3), sender, 7]],
    'sms-short-code': [[perSecond(100), sender, 9]],
    'voice-calls': [[perSecond(1), undefined]]
  }
  for (const [name, { rules }] of presets) {
    const wanted = expected[name as keyof typeof PACING_PRESETS]
      .flatMap(([pace, per, times = 1]) => Array.from({ length: times }, () => [pace, per]))
    t.same(rules.map(({ pace, per }) => [pace, per]), wanted, name)
  }
})

t.test('what each preset is for, by one request that it counts and one that it does not', async (t) => {
  const [service, workspace] = [`/v1/Services/${SID}`, `/v1/Workspaces/${SID}`]
  const rows: Array<[keyof typeof PACING_PRESETS, string, string, counted: string, not: string]> = [
    ['taskrouter-workers', 'GET', 'taskrouter', `${workspace}/Workers?TargetWorkersExpression=a`,
      `${workspace}/Tasks?TargetWorkersExpression=a`],
    ['taskrouter-queues', 'GET', 'taskrouter', `${workspace}/TaskQueues?EvaluateWorkerAttributes=a`,
      `${workspace}/TaskQueues?EvaluateTaskAttributes=a`],
    ['proxy-service', 'POST', 'proxy', `${service}/Sessions`, '/v1/Services'],
    ['conversations-conversation', 'DELETE', 'conversations', `${service}/Conversations/${SID}`,
      `${service}/Conversations`],
    ['conversations-service', 'POST', 'conversations', `${service}/Roles`, `${service}/Roles/${SID}`],
    ['conversations-service', 'POST', 'conversations', '/v1/Users', `/v1/Users/${SID}`],
    ['sync-writes', 'DELETE', 'sync', `${service}/Lists/${SID}/Items/1`, `${service}/Streams/${SID}`],
    ['sync-streams', 'POST', 'sync', `${service}/Streams/${SID}/Messages`, `${service}/Streams/${SID}`],
    ['flex-interactions', 'GET', 'flex-api', `/v1/Interactions/${SID}`, '/v1/Configuration'],
    ['flex-webchat', 'POST', 'flex-api', '/v2/WebChats', '/v1/Interactions'],
    ['content-templates', 'GET', 'content', '/v2/ContentAndApprovals', '/v1/Other'],
    ['content-templates', 'PUT', 'content', `/v1/Content/${SID}`, '/v1/Content'],
    ['voice-calls', 'POST', 'api', `/2010-04-01/Accounts/${ACCOUNT}/Calls.json`,
      `/2010-04-01/Accounts/${ACCOUNT}/Calls/${SID}.json`]
  ]
  for (const [name, method, product, counted, not] of rows) {
    t.equal(rulesFor(name, method, product, counted), 1, `${name}: ${method} ${counted}`)
    t.equal(rulesFor(name, method, product, not), 0, `${name}: not ${method} ${not}`)
  }
})
