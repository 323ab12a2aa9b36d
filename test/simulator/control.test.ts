import t from 'tap'
import { ask, message, MESSAGES, simulator } from './support.ts'

t.test('the control endpoint needs no credentials, takes no slot and explains itself', async (t) => {
  const subject = await simulator(t, { limit: 0 })
  const bare = { headers: { authorization: '' } }
  t.same((await ask(subject, '/_simulator/health', bare)).json(), { ok: true })
  t.match((await ask(subject, '/_simulator/', bare)).json(), { 'GET /_simulator/stats': String })
  t.match((await ask(subject, '/_simulator/stats', bare)).json(), { received: 0, throttled: { total: 0 }, seconds: [] })
  t.equal((await ask(subject, '/_simulator/nothing', bare)).status, 404)
})

t.test('creates are counted by kind and content, so that a loss or a duplicate shows', async (t) => {
  const subject = await simulator(t)
  for (const body of ['a', 'b', 'b']) await ask(subject, MESSAGES, message(body))
  await ask(subject, MESSAGES, { form: { To: '+15550009999', From: '+15550002222', Body: 'b' } })
  await ask(subject, '/verify/v2/Services/VA1/Verifications', { form: { To: '+15550001111', Channel: 'sms' } })
  t.match((await ask(subject, '/_simulator/stats')).json(), { creates: { total: 5, byKind: { Messages: 4, Verifications: 1 } }, duplicates: 1 })
  t.same((await ask(subject, '/_simulator/creates?kind=Messages')).json(), { total: 4, distinct: 3, duplicated: 1, untracked: 0 })
  t.same((await ask(subject, '/_simulator/creates?kind=Messages&body=b')).json(), { count: 3 })
  t.same((await ask(subject, '/_simulator/creates?body=never')).json(), { count: 0 })
})

t.test('statistics hold no number and no text', async (t) => {
  const subject = await simulator(t)
  await ask(subject, MESSAGES, message('very private'))
  const text = (await Promise.all(['stats', 'creates', 'settings'].map((name) => ask(subject, `/_simulator/${name}`)))).map((answer) => answer.text).join()
  t.notMatch(text, /private|1555|secret/)
})

t.test('settings can be changed, and what is wrong with a change is told, all of it', async (t) => {
  const subject = await simulator(t)
  const change = (json: unknown): ReturnType<typeof ask> => ask(subject, '/_simulator/settings', { method: 'PATCH', json })
  t.match((await change({ limit: 7, headers: { present: false } })).json(), { limit: 7, headers: { present: false, presentOn429: true } })
  t.equal((await ask(subject, MESSAGES, message('x'))).headers['twilio-concurrent-requests'], undefined)
  const refused = await change({ limit: -1, headers: { shown: true }, faults: [{ kind: 'meteor' }] })
  t.equal(refused.status, 400)
  t.same(refused.json().faults.map(({ path }: { path: string }) => path).sort(), ['faults.0.kind', 'headers.shown', 'limit'])
  t.same((await change({ latency: { medianMs: 5, p99Ms: 1 } })).json().faults[0].path, 'latency.p99Ms')
  t.equal((await ask(subject, '/_simulator/settings')).json().limit, 7)
  t.equal((await ask(subject, '/_simulator/settings', { method: 'PATCH' })).status, 400)
})

t.test('start plays the timeline again and keeps the counts', async (t) => {
  const subject = await simulator(t, { limit: 3 }, [{ atMs: 0, set: { slowFactor: 2 } }])
  await ask(subject, MESSAGES, message('x'))
  subject.settings({ limit: 9, slowFactor: 5 })
  await ask(subject, '/_simulator/start', { method: 'POST' })
  t.match((await ask(subject, '/_simulator/settings')).json(), { limit: 3, slowFactor: 2 })
  t.equal(subject.stats().creates.total, 1)
})

t.test('reset forgets everything and begins with the same chance', async (t) => {
  const subject = await simulator(t, { limit: 3 })
  const { sid } = (await ask(subject, MESSAGES, message('x'))).json()
  subject.settings({ limit: 9 })
  await ask(subject, '/_simulator/reset', { method: 'POST' })
  t.match(subject.stats(), { received: 0, creates: { total: 0 }, accounts: {} })
  t.equal((await ask(subject, '/_simulator/settings')).json().limit, 3)
  t.equal((await ask(subject, MESSAGES, message('x'))).json().sid, sid)
  t.equal((await ask(subject, MESSAGES)).json().messages.length, 1)
})
