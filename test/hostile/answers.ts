/**
 * What an upstream may answer, byte for byte, and what the client must get: that answer, or a true outcome. Each case is
 * asked for by a create, a read and a delete; each create is sent twice, and its repeat is refused where nobody knows what
 * became of the first.
 */
import t, { type Test } from 'tap'
import { startApp } from '../support/app.ts'
import { bodies } from './answers/bodies.ts'
import { framing } from './answers/framing.ts'
import { heads } from './answers/heads.ts'
import { interim } from './answers/interim.ts'
import { ask, type RawAnswer } from './answers/raw-client.ts'
import { startRawUpstream } from './answers/raw-upstream.ts'
import { statuses } from './answers/statuses.ts'
import { breaks, breaksOff, head, type Case, type Expected, type Method } from './answers/table.ts'

const SETTINGS = {
  listen: { rewritePageUrls: true },
  retry: { backoffBaseMs: 1, backoffMaxMs: 2, budgetMin: 100_000 },
  duplicates: { mode: 'refuse' },
  coalesce: { inFlight: false },
  log: { level: 'silent' }
} as const

/** Cases on their way at once. */
const AT_ONCE = 12

for (const [name, cases] of Object.entries({ statuses, interim, heads, framing, bodies })) {
  t.test(`${name}: ${cases.length} answers`, async (t) => { await play(t, cases) })
}

t.test('an upstream that falls silent', async (t) => {
  await play(t, [
    breaks('nothing', '', 'silent', 504),
    breaks('half a head', 'HTTP/1.1 201 Cre', 'silent', 504),
    breaks('a 100 and nothing', 'HTTP/1.1 100 Continue\r\n\r\n', 'silent', 504),
    breaks('a head without its body', head(201, 'Content-Length: 13'), 'silent', 504),
    breaksOff('half a stream', head(201, 'Content-Type: audio/mpeg', 'Content-Length: 70000') + 'x'.repeat(66_000), 'silent')
  ], { upstream: { headersTimeoutMs: 300, bodyTimeoutMs: 300 } })
})

async function play (t: Test, cases: readonly Case[], over: object = {}): Promise<void> {
  const asked = cases.flatMap((row) => (Object.keys(row.expected) as Method[]).map((method) => ({ row, method })))
  const account = (number: number): string => `AC${number.toString(16).padStart(32, '0')}`
  const upstream = await startRawUpstream(t, (name) => asked[parseInt(name.slice(2), 16)]!.row)
  const { proxy } = await startApp(t, upstream.origin, { ...SETTINGS, ...over })
  let next = 0
  const work = async (): Promise<void> => {
    for (let number = next++; number < asked.length; number = next++) {
      const { row, method } = asked[number]!
      const name = account(number)
      const send = (): Promise<RawAnswer> => ask(proxy, method, `/2010-04-01/Accounts/${name}/Messages.json`, `Basic ${Buffer.from(`${name}:secret`).toString('base64')}`)
      const expected = row.expected[method]!
      const answer = await send()
      const wrong = faults(expected, answer, upstream.count(name))
      if (method === 'POST' && expected.outcome === 'unknown') {
        const sent = upstream.count(name)
        const again = await send()
        if (again.status !== 409 || again.headers['governor-duplicate'] !== 'unknown' || upstream.count(name) !== sent) wrong.push(`its repeat got ${again.status}`)
      }
      t.same(wrong, [], `${method}: ${row.name}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

/** In what an answer differs from what is expected. */
function faults (expected: Expected, { status, headers, body }: RawAnswer, sent: number): string[] {
  const wrong: string[] = []
  const compare = (what: string, got: unknown, wanted: unknown): void => {
    if (got !== wanted) wrong.push(`${what}: ${shown(got)}, not ${shown(wanted)}`)
  }
  compare('status', status, expected.status)
  if (expected.attempts !== undefined) compare('attempts', sent, expected.attempts)
  compare('outcome', headers['governor-outcome'], expected.outcome)
  if (typeof expected.body === 'string') compare('body', body, expected.body)
  else if (expected.body?.test(body) === false) wrong.push(`body: ${shown(body)}`)
  for (const [name, value] of Object.entries(expected.headers ?? {})) compare(name, headers[name], value ?? undefined)
  return wrong
}

const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value)).slice(0, 160)
