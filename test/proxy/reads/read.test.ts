import t from 'tap'
import type { Exchange } from '../../../src/proxy/exchange-state.ts'
import { learnVarying, NOTHING_VARIES, readOf } from '../../../src/proxy/reads/read.ts'

const mostAgeMs = (...rawHeaders: string[]): number | undefined => readOf({
  identity: { method: 'GET', account: { key: 'AC1' }, upstream: { host: 'api.twilio.com' }, path: '/', authorization: 'x', rawHeaders },
  bodyBytes: 0
} as unknown as Exchange, NOTHING_VARIES)?.mostAgeMs

t.test('the strictest of several directives holds, and Pragma counts where Cache-Control says nothing', async (t) => {
  t.equal(mostAgeMs(), Infinity)
  t.equal(mostAgeMs('Cache-Control', 'max-age=5, max-age=60'), 5_000)
  t.equal(mostAgeMs('Cache-Control', 'no-cache, max-age=60'), 0)
  t.equal(mostAgeMs('Cache-Control', 'max-age="7"', 'Pragma', 'no-cache'), 7_000)
  t.equal(mostAgeMs('Pragma', 'no-cache'), 0)
  t.equal(mostAgeMs('Cache-Control', 'No-Store'), undefined)
})

t.test('what is known to shape the answers stays known, and the very same where nothing is new', async (t) => {
  const one = learnVarying(NOTHING_VARIES, 'User-Agent, Accept')
  t.same(one, ['user-agent'], 'what shapes an answer in any case need not be learnt')
  t.equal(learnVarying(one, 'user-agent'), one)
  t.same(learnVarying(one, ['Date', 'date']), ['user-agent', 'date'])
  t.equal(learnVarying(one, 'accept, *'), '*')
  t.equal(learnVarying('*', 'date'), '*')
})
