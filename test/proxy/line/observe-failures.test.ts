import t from 'tap'
import type { AttemptResult } from '../../../src/proxy/forward/attempt.ts'
import type { Permit } from '../../../src/proxy/gate/permit.ts'
import { observe, type Observation } from '../../../src/proxy/line/observe.ts'

type Failure = AttemptResult & { kind: 'failure' }

const FAILURE: Failure = { kind: 'failure', sent: true, timedOut: false, code: 'UND_ERR_SOCKET', headers: undefined, status: 0 }

/** What an attempt means, and all that its permit is told. */
function seenOf (result: AttemptResult): Observation & { readonly told: readonly string[] } {
  const told: string[] = []
  const tell = (name: string, by?: string) => () => {
    told.push(name)
    return { by, holds: false }
  }
  const permit = {
    unanswered: tell('unanswered'),
    admitted: tell('admitted'),
    refused: tell('refused', 'account'),
    routeRefused: tell('routeRefused', 'route')
  }
  return { ...observe(result, permit as unknown as Permit, Date.UTC(2026, 0, 1)), told }
}

t.test('the limit hears of what was sent and got no answer while somebody waited, and of no other failure', async (t) => {
  for (const [over, told] of [
    [{ timedOut: true, code: 'UND_ERR_HEADERS_TIMEOUT' }, ['unanswered']],
    [{ code: 'ABANDONED' }, ['unanswered']],
    [{ code: 'UND_ERR_SOCKET' }, []],
    [{ sent: false, code: 'ABANDONED' }, []],
    [{ sent: false, timedOut: true, code: 'UND_ERR_HEADERS_TIMEOUT' }, []],
    [{ sent: false, code: 'ECONNREFUSED' }, []]
  ] as const) t.same(seenOf({ ...FAILURE, ...over }).told, told, JSON.stringify(over))
})

t.test('what an egress proxy forbids is not tried again, but what it may allow in a moment is', async (t) => {
  for (const [code, fate] of [
    ['PROXY_403', 'final'], ['PROXY_407', 'final'], ['PROXY_400', 'final'],
    ['PROXY_408', 'unsent'], ['PROXY_429', 'unsent'], ['PROXY_502', 'unsent'], ['PROXY_ECONNREFUSED', 'unsent'],
    ['CERT_HAS_EXPIRED', 'final'], ['ERR_TLS_CERT_ALTNAME_INVALID', 'final'], ['DEPTH_ZERO_SELF_SIGNED_CERT', 'final'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'final'], ['ENOTFOUND', 'unsent']
  ] as const) t.match(seenOf({ ...FAILURE, sent: false, code }), { outcome: 'unsent', fate }, code)
})

t.test('a page about a 429 tells no code; an error of Twilio\'s in XML does', async (t) => {
  const body = Buffer.from('<x><Code>45780</Code></x>')
  for (const [type, told] of [['application/xml', 'routeRefused'], ['text/html; charset=utf-8', 'refused'], [undefined, 'routeRefused']] as const) {
    const headers = type === undefined ? {} : { 'content-type': type }
    const result = { kind: 'response', status: 429, headers, body, bodyDone: Promise.resolve() } as const
    t.same(seenOf(result).told, [told], String(type))
  }
})

t.test('what was known of an answer that broke off is part of what is known', async (t) => {
  const seen = seenOf({ ...FAILURE, status: 201, headers: { 'twilio-request-id': 'RQ1', 'twilio-concurrent-requests': '7' } })
  t.match(seen, { outcome: 'reset', fate: 'failed', status: 201, feedback: { requestId: 'RQ1', concurrency: 7 } })
})
