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
