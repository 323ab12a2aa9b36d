import t from 'tap'
import { errorAnswer, tooMany } from '../../../src/simulator/model/answers/errors.ts'
import type { ErrorFamily } from '../../../src/simulator/model/settings.ts'

const at = { product: 'api', path: '/2010-04-01/Accounts/AC1/Messages.json' }
const written = (family: ErrorFamily, place = at): ReturnType<typeof errorAnswer> => errorAnswer(tooMany(20429), family, place)
const info = 'https://www.twilio.com/docs/errors/20429'

t.test('each family writes a 429 in its own shape', async (t) => {
  t.same(JSON.parse(written('classic').body), { code: 20429, message: 'Too Many Requests', more_info: info, status: 429 })
  t.match(JSON.parse(written('camelcase').body), { status: 429, code: 20429, moreInfo: info, detail: String })
  t.match(JSON.parse(written('problem').body), { type: info, status: 429, title: String, detail: String, code: 20429 })
  t.equal(written('problem').contentType, 'application/problem+json')
  t.match(JSON.parse(written('comms').body), { errors: [{ code: 20429, infoUrl: info, message: String }] })
  t.match(written('xml'), { contentType: 'application/xml', body: /<RestException><Code>20429<\/Code>.*<Status>429<\/Status>/ })
})

t.test('left to itself, a product answers in the family it is known for', async (t) => {
  t.match(written('auto').contentType, /json/)
  t.equal(written('auto', { product: 'api', path: '/2010-04-01/Accounts/AC1/Messages' }).contentType, 'application/xml')
  t.ok('errors' in JSON.parse(written('auto', { product: 'comms', path: '/v1/Messages' }).body))
  t.ok('moreInfo' in JSON.parse(written('auto', { product: 'serverless', path: '/v1/Services' }).body))
  t.ok('title' in JSON.parse(written('auto', { product: 'monitor', path: '/v2/Events' }).body))
  t.ok('more_info' in JSON.parse(written('auto', { product: 'verify', path: '/v2/Services' }).body))
})

t.test('codes that no quick retry cures say so in their words', async (t) => {
  t.equal(tooMany(60203).message, 'Max send attempts reached')
  t.equal(tooMany(60203).status, 429)
})
