/** What Twilio announces of a route, over real sockets. */
import t, { type Test } from 'tap'
import { ACCOUNT, AUTHORIZATION, createClient, startApp, startUpstream } from '../../support/app.ts'

const TASKS = '/v1/Workspaces/WS00000000000000000000000000000000/Tasks'
const VARIANT = `${TASKS}?EvaluateTaskAttributes=colour%3D%3D%22red%22`
const ROUTE = 'GET taskrouter/v1/Workspaces/{}/Tasks'

/** Lists of tasks, as many each of them announces: 3 with the parameter, 50 without. */
async function lists (t: Test, limit: Readonly<Record<string, unknown>>, paths: readonly string[]): Promise<unknown> {
  const upstream = await startUpstream(t, ({ url }, response) => {
    const most = url.includes('Evaluate') ? 3 : 50
    response.writeHead(200, { 'content-type': 'application/json', 'X-Rate-Limit-Limit': most, 'X-Rate-Limit-Remaining': most - 1, 'X-Rate-Limit-Config': `${most}/s` }).end('{}')
  })
  const { proxy, admin } = await startApp(t, upstream.origin, { limit })
  const ask = createClient(t)
  const headers = { authorization: AUTHORIZATION, host: 'taskrouter.twilio.com' }
  const answers = await Promise.all(paths.map((path) => ask(`${proxy}${path}`, { headers })))
  t.same(answers.map(({ status }) => status), paths.map(() => 200))
  t.equal(upstream.received.length, paths.length)
  const state = await ask(`${admin}/state`)
  t.notMatch(state.body.toString(), /colour|red/, 'no value of a query')
  const { accounts } = state.json() as { accounts: Array<{ account: string, pacedRoutes: unknown }> }
  t.equal(accounts[0]?.account, ACCOUNT)
  return accounts[0]?.pacedRoutes
}

for (const algorithm of ['ceiling', 'aimd', 'fixed']) {
  t.test(`each list is held to what it announces, and /state shows it (${algorithm})`, async (t) => {
    t.same(await lists(t, { algorithm }, [TASKS, VARIANT, `${TASKS}?PageSize=5`]), [
      { route: ROUTE, perSecond: 47.85, source: 'announced' },
      { route: `${ROUTE}?EvaluateTaskAttributes`, perSecond: 2.87, source: 'announced' }
    ])
  })
}

t.test('what is announced is not looked at when that is turned off', async (t) => {
  t.same(await lists(t, { announcements: false }, [TASKS, VARIANT]), [])
})
