import { hash } from 'node:crypto'
import t from 'tap'
import type { Identity } from '../../../src/proxy/exchange-state.ts'
import { resourceName } from '../../../src/proxy/line/resource-name.ts'

const PATH = '/2010-04-01/Accounts/AC1/Messages.json?To=%2B15557654321'
const named = (over: Partial<Identity> = {}): string | undefined => resourceName({
  method: 'GET',
  upstream: { host: 'api.twilio.com', product: 'api', region: undefined },
  path: PATH,
  account: { key: 'AC1' },
  authorization: 'Basic c2VjcmV0',
  ...over
} as Identity)

t.test('equal GETs have the same name', async (t) => {
  t.equal(named(), named())
  t.match(named(), /^[\w-]{12}$/)
})

t.test('what differs in account, host, path, query or credential has another', async (t) => {
  const names = new Set([
    named(),
    named({ account: { key: 'AC2' } as Identity['account'] }),
    named({ upstream: { host: 'api.dublin.ie1.twilio.com', product: 'api', region: 'ie1' } }),
    named({ path: `${PATH}&Page=1` }),
    named({ path: PATH.replace('Messages', 'Calls') }),
    named({ authorization: 'Basic b3RoZXI=' }),
    named({ authorization: undefined })
  ])
  t.equal(names.size, 7)
})

t.test('only a GET has one', async (t) => {
  for (const method of ['POST', 'DELETE', 'HEAD', 'PUT', 'PATCH']) t.equal(named({ method }), undefined, method)
})

t.test('nobody can find the name by trying paths and credentials', async (t) => {
  const plain = `AC1\napi.twilio.com\nBasic c2VjcmV0\n${PATH}`
  for (const algorithm of ['sha256', 'sha1', 'md5']) t.not(named(), hash(algorithm, plain, 'base64').slice(0, 12), algorithm)
})
