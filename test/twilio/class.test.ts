import fc from 'fast-check'
import t from 'tap'
import { holds } from './holds.ts'
import { classOf, parseClass } from '../../src/twilio/class.ts'
import { TRAFFIC_CLASSES, type TrafficClass } from '../../src/twilio/types.ts'

const A = '/2010-04-01/Accounts/{}'

t.test('a class by method, product and route', async t => {
  const cases: Array<[string, string, string, TrafficClass]> = [
    ['DELETE', 'api', `${A}/Messages/{}.json`, 'bulk'],
    ['DELETE', 'verify', '/v2/Services/{}', 'bulk'],
    ['DELETE', 'api', `${A}/Calls/{}.json`, 'bulk'],
    ['GET', 'bulkexports', '/v1/Exports/{}/Days', 'bulk'],
    ['POST', 'bulkexports', '/v1/Exports/{}/Jobs', 'bulk'],
    ['GET', 'api', `${A}/Messages.json`, 'read'],
    ['HEAD', 'api', `${A}/Calls/{}.json`, 'read'],
    ['OPTIONS', 'api', '/', 'read'],
    ['GET', 'verify', '/v2/Services/{}/Verifications/{}', 'read'],
    ['GET', 'voice', '/v1/ByocTrunks', 'read'],
    ['POST', 'verify', '/v2/Services/{}/Verifications', 'critical'],
    ['POST', 'verify', '/v2/Services/{}/VerificationCheck', 'critical'],
    ['POST', 'voice', '/v1/ByocTrunks', 'critical'],
    ['POST', 'api', `${A}/Calls.json`, 'critical'],
    ['POST', 'api', `${A}/Calls`, 'critical'],
    ['POST', 'api', `${A}/Calls/{}.json`, 'critical'],
    ['POST', 'api', `${A}/Calls/{}/Recordings.json`, 'critical'],
    ['POST', 'api', '/2008-08-01/Accounts/{}/Calls', 'critical'],
    ['POST', 'api', `${A}/Conferences/{}/Participants.json`, 'critical'],
    ['POST', 'api', `${A}/Conferences/{}/Participants/{}.json`, 'critical'],
    ['POST', 'api', `${A}/Conferences/{}.json`, 'standard'],
    ['POST', 'api', `${A}/SIP/Domains/{}/Auth/Calls/CredentialListMappings.json`, 'standard'],
    ['POST', 'api', `${A}/Messages.json`, 'standard'],
    ['POST', 'conversations', '/v1/Conversations/{}/Participants', 'standard'],
    ['PUT', 'memory', '/v1/Stores/{}', 'standard'],
    ['PATCH', 'studio', '/v2/Flows/{}', 'standard'],
    ['POST', 'verify', '/', 'critical']
  ]
  for (const [method, product, route, expected] of cases) t.equal(classOf(method, product, route), expected, `${method} ${product} ${route}`)
})

t.test('a class is read as people write it', async t => {
  for (const name of TRAFFIC_CLASSES) {
    for (const text of [name, name.toUpperCase(), ` ${name}\t`]) t.equal(parseClass(text), name, text)
  }
  for (const text of ['', 'urgent', 'bulk2', '__proto__', 'bulk,read', ' '.repeat(5000)]) t.equal(parseClass(text), undefined)
  holds(t, fc.property(fc.string({ unit: 'binary' }), (text) => {
    const name = parseClass(text)
    return name === undefined || TRAFFIC_CLASSES.includes(name)
  }))
})
