import t from 'tap'
import { hostAt, judgeRegion, livingHost, nodeHost, pythonHost } from '../../../src/commands/doctor/checks/region.ts'
import { SDKS } from '../../../src/commands/doctor/finding.ts'
import { fixOf } from './situation.ts'

const READERS = ['node', 'twilio-cli', 'python', 'java', 'go', 'php'] as const
const verdict = (sdk: typeof SDKS[number], env: Record<string, string>): string | undefined => judgeRegion(sdk, env)[0]?.code

t.test('a region without an edge makes a host that stopped, for those that read it', async (t) => {
  for (const region of ['au1', 'ie1', 'br1', 'de1', 'jp1', 'sg1', 'us2']) {
    for (const sdk of SDKS) {
      t.equal(verdict(sdk, { TWILIO_REGION: region }), (READERS as readonly string[]).includes(sdk) ? 'region_without_edge' : undefined, `${sdk}, ${region}`)
    }
  }
  t.equal(verdict('node', { TWILIO_REGION: 'us1' }), undefined, 'us1 goes on')
  t.equal(verdict('node', { TWILIO_REGION: 'ie1', TWILIO_EDGE: 'dublin' }), undefined)
  t.equal(verdict('node', { TWILIO_EDGE: 'dublin' }), undefined)
  t.equal(verdict('python', { TWILIO_REGION: '' }), undefined)
})

t.test('the fix is the edge of that region, or none where Twilio has the region no more', async (t) => {
  t.same(fixOf('region_without_edge', judgeRegion('go', { TWILIO_REGION: 'au1' })), ['export TWILIO_EDGE=\'sydney\''])
  t.same(fixOf('region_without_edge', judgeRegion('go', { TWILIO_REGION: 'ie1' })), ['export TWILIO_EDGE=\'dublin\''])
  t.same(fixOf('region_without_edge', judgeRegion('go', { TWILIO_REGION: 'de1' })), ['unset TWILIO_REGION'])
  t.equal(livingHost('verify', { region: 'au1', edge: undefined }), 'verify.sydney.au1.twilio.com')
  t.equal(livingHost('verify', { region: 'br1', edge: undefined }), 'verify.twilio.com')
  t.equal(livingHost('verify', { region: 'us1', edge: 'ashburn' }), 'verify.ashburn.us1.twilio.com')
})

t.test('what makes no host of Twilio\'s is refused by the proxy', async (t) => {
  t.equal(verdict('java', { TWILIO_REGION: 'ireland' }), 'region_refused')
  t.equal(verdict('java', { TWILIO_REGION: 'ie1', TWILIO_EDGE: 'dub_lin' }), 'region_refused')
})

t.test('hosts are made as the SDKs make them', async (t) => {
  t.equal(hostAt('api', { region: undefined, edge: undefined }), 'api.twilio.com')
  t.equal(hostAt('api', { region: 'ie1', edge: 'dublin' }), 'api.dublin.ie1.twilio.com')
  t.equal(hostAt('api', { region: undefined, edge: 'dublin' }), 'api.dublin.us1.twilio.com')
})

t.test('a base URL\'s host is mangled', async (t) => {
  const at = (url: string, region?: string, edge?: string): readonly string[] => [nodeHost, pythonHost].map((make) => make(new URL(url), { region, edge }))
  t.same(at('http://localhost:4010', 'au1'), ['localhost.au1.localhost', 'localhost:4010.au1.localhost:4010'])
  t.same(at('http://127.0.0.1:8080/api', 'au1', 'sydney'), ['127.0.0.1', '127.sydney.au1.0.1:8080'], 'Node\'s URLs refuse the result')
  t.same(at('http://governor.internal:8080', undefined, 'dublin'), ['governor.dublin.internal.governor.internal', 'governor.dublin.us1.governor.internal:8080'])
  t.same(at('http://localhost:4010'), ['localhost', 'localhost:4010'])
})
