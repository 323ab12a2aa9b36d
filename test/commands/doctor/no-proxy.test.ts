/** Truth tables. Where a client can be run, its own answers are the same: real-clients.ts. */
import t from 'tap'
import { EXCLUDED_BY } from '../../../src/commands/doctor/checks/no-proxy.ts'

type Client = keyof typeof EXCLUDED_BY
const CLIENTS = ['requests', 'go', 'curl', 'ruby', 'dotnet'] as const satisfies readonly Client[]
const API = 'https://api.twilio.com/'
const BASE = 'http://10.1.2.3:8080/api'

/** A list, a URL, and the clients that keep the URL from the proxy by it. */
const TABLE: ReadonlyArray<readonly [list: string, url: string, by: ReadonlyArray<typeof CLIENTS[number]>]> = [
  ['twilio.com', API, ['requests', 'go', 'curl', 'ruby']],
  ['.twilio.com', API, ['requests', 'go', 'curl', 'ruby', 'dotnet']],
  ['*.twilio.com', API, ['go']],
  ['*', API, ['requests', 'go', 'curl']],
  ['*,localhost', API, ['go']],
  ['api.twilio.com', API, ['requests', 'go', 'curl', 'ruby', 'dotnet']],
  ['API.Twilio.com', API, ['requests', 'go', 'curl', 'ruby', 'dotnet']],
  ['.api.twilio.com', API, ['requests', 'curl', 'dotnet']],
  ['api.twilio.com:443', API, ['go', 'ruby']],
  ['twilio.com:443', API, ['go', 'ruby']],
  ['twilio.com:80', API, []],
  ['twilio.com.', API, ['curl']],
  // requests compares endings with no regard to where a label begins.
  ['io.com', API, ['requests']],
  ['verify.twilio.com', API, []],
  ['localhost, twilio.com', API, ['requests', 'go', 'curl', 'ruby']],
  ['localhost twilio.com', API, ['curl', 'ruby']],
  ['', API, []],
  ['10.1.2.3', BASE, ['requests', 'go', 'curl', 'ruby', 'dotnet']],
  ['10.0.0.0/8', BASE, ['requests', 'go', 'curl', 'ruby']],
  ['10.0.0.0/33', BASE, []],
  ['192.168.0.0/16', BASE, []],
  ['10.1.2.3:8080', BASE, ['go', 'ruby']],
  ['governor.internal', 'http://governor.internal:8080/', ['requests', 'go', 'curl', 'ruby', 'dotnet']],
  ['internal:8080', 'http://governor.internal:8080/', ['requests', 'go', 'ruby']],
  ['fd00::/8', 'http://[fd00::1]:8080/', ['go', 'curl']],
  // Their own machine is nothing that these two send to a proxy, whatever the list says.
  ['', 'http://127.0.0.1:8080/', ['go', 'ruby']],
  ['', 'http://localhost:8080/', ['go', 'ruby']]
]

for (const client of CLIENTS) {
  t.test(`${client} reads NO_PROXY as its own code does`, async (t) => {
    for (const [list, url, by] of TABLE) {
      const wanted = by.includes(client)
      t.equal(EXCLUDED_BY[client](list, new URL(url)).length > 0, wanted, `"${list}" ${wanted ? 'keeps' : 'leaves'} ${url}`)
    }
  })
}

t.test('the entries to blame are named, and no others', async (t) => {
  t.same(EXCLUDED_BY.requests('localhost, twilio.com,api.twilio.com', new URL(API)), ['twilio.com', 'api.twilio.com'])
  t.same(EXCLUDED_BY.ruby('localhost,twilio.com:443', new URL(API)), ['twilio.com:443'])
})

t.test('a JVM has bars between patterns, with an asterisk at either end', async (t) => {
  const kept = (list: string): number => EXCLUDED_BY.jvm(list, new URL(API)).length
  for (const list of ['*.twilio.com', 'localhost|*twilio.com', 'api.*', '*twil*', '*', 'api.twilio.com']) t.equal(kept(list), 1, list)
  for (const list of ['twilio.com', 'localhost', '10.*', '*.internal', '']) t.equal(kept(list), 0, list)
})

t.test('Node\'s SDK and the CLI know no exceptions', async (t) => {
  t.same(EXCLUDED_BY.none(), [])
})
