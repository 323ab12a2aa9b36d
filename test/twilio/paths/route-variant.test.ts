import t from 'tap'
import { limitedRoute } from '../../../src/twilio/paths/route-variant.ts'

const LIST = 'GET taskrouter/v1/Workspaces/{}/Tasks'

t.test('a query parameter with a limit of its own makes another route, by its name alone', async (t) => {
  for (const [query, expected] of [
    ['', LIST],
    ['?', LIST],
    ['?PageSize=50', LIST],
    ['?PageSize=50&EvaluateTaskAttributes=to%3D%22%2B15550001111%22', `${LIST}?EvaluateTaskAttributes`],
    ['?EvaluateTaskAttributes', `${LIST}?EvaluateTaskAttributes`],
    ['?TargetWorkersExpression=a&EvaluateTaskAttributes=b&EvaluateTaskAttributes=c', `${LIST}?EvaluateTaskAttributes&TargetWorkersExpression`],
    ['?FriendlyName=EvaluateTaskAttributes', LIST]
  ] as const) t.equal(limitedRoute('taskrouter', LIST, `/v1/Workspaces/WS1/Tasks${query}`), expected, query)
})

t.test('the same parameter of another product means nothing', async (t) => {
  t.equal(limitedRoute('api', 'GET api/2010-04-01/Accounts/{}/Messages.json', '/2010-04-01/Accounts/AC1/Messages.json?EvaluateTaskAttributes=1'), 'GET api/2010-04-01/Accounts/{}/Messages.json')
})
