import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { SID, simulator } from './simulator/support.ts'
import { createClient, startApp, until } from './support/app.ts'
import { connectRaw, type RawClient } from './support/raw-client.ts'

const TOKEN = 'd3adb33fc0ffee00d3adb33fc0ffee77'
const KEY = `SK${'9'.repeat(32)}`
const DIGITS = '5557654321'
const EMAIL = 'jane.doe'
const TEXT = 'Your code is 918273'
const CLAIMS = Buffer.from(JSON.stringify({ sub: SID, phone: `+1${DIGITS}`, secret: TOKEN })).toString('base64url')
const JWT = `eyJhbGciOiJIUzI1NiJ9.${CLAIMS}.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg`

const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`
const CREDENTIALS = [
  basic(`${SID}:${TOKEN}`), basic(`${KEY}:${TOKEN}`), basic(`${EMAIL}@example.com:${TOKEN}`), basic(`${SID}:${TOKEN}:more`), basic(TOKEN),
  basic(`:${TOKEN}`), `basic  ${Buffer.from(`${SID}:${TOKEN}`).toString('base64')}`, `Basic ${TOKEN}`, `Basic ${SID}:${TOKEN}`,
  `Bearer ${JWT}`, `Bearer ${TOKEN}`, `Token ${TOKEN}`, TOKEN
]

/** None of these may be seen anywhere but by Twilio, however they are written. */
const SECRETS = [
  TOKEN, DIGITS, EMAIL, CLAIMS, 'c2lnbmF0dXJlLW9mLXRoZS10b2tlbg', TEXT, '918273', encodeURIComponent(TEXT), TEXT.replaceAll(' ', '+'),
  Buffer.from(TEXT).toString('base64').slice(0, -4), Buffer.from(`+1${DIGITS}`).toString('base64').slice(0, -4),
  ...CREDENTIALS.map((value) => value.replace(/=*$/, '').slice(-24))
]

const assertClean = (t: Test, what: string, text: string): void => {
  t.same(SECRETS.filter((secret) => text.toLowerCase().includes(secret.toLowerCase())), [], `${what}: nothing secret or personal`)
}

const form = (extra = ''): string => `To=%2B1${DIGITS}&From=%2B1${DIGITS}&Body=${TEXT.replaceAll(' ', '+')}${extra}`
const MESSAGES = `/2010-04-01/Accounts/${SID}/Messages.json`
const URLENCODED = 'application/x-www-form-urlencoded'

/** Raw bytes for a server's socket, and what it answers until it hangs up. */
async function raw (proxy: string, bytes: string): Promise<string> {
  const socket = connect(Number(new URL(proxy).port), '127.0.0.1').setEncoding('latin1')
  let answer = ''
  socket.on('data', (data: string) => { answer += data }).on('error', () => {})
  socket.end(bytes)
  await once(socket, 'close')
  return answer
}

interface Shown { readonly log: string, readonly metrics: string, readonly state: string, readonly file: string, readonly answers: readonly string[] }

/** Traffic of every kind that carries secrets, and all that the proxy shows of it. `answers` are those that it makes itself. */
async function everythingShown (t: Test, label: 'full' | 'hashed'): Promise<Shown> {
  const stateFile = join(t.testdir({}), 'state.json')
  const twilio = await simulator(t, { keys: { [KEY]: SID }, latency: { medianMs: 5, p99Ms: 5 } })
  const { proxy, admin, app, log } = await startApp(t, twilio.origin, {
    accounts: { label },
    log: { level: 'trace' },
    retry: { backoffBaseMs: 5, backoffMaxMs: 20 },
    body: { maxBytes: 4096 },
    limit: { algorithm: 'fixed', fixed: 1 },
    queue: { maxWaiting: 2 },
    state: { file: stateFile }
  })
  const client = createClient(t)
  const answers: string[] = []
  const ask = async (path: string, { own = true, authorization = CREDENTIALS[0]!, ...options }: {
    own?: boolean, authorization?: string, method?: string, headers?: Record<string, string>, body?: string
  } = {}): Promise<number> => {
    const { status, headers, body } = await client(proxy + path, { ...options, headers: { authorization, 'content-type': URLENCODED, ...options.headers } })
    if (own) answers.push(`${JSON.stringify(headers)} ${body.toString()}`)
    return status
  }
  const passed = { own: false }
  const post = { method: 'POST', body: form() }

  for (const authorization of CREDENTIALS) {
    await ask(MESSAGES, { ...passed, ...post, authorization })
    await ask(`/verify/v2/Services/VA${'1'.repeat(32)}/Verifications`, { ...passed, ...post, authorization })
  }
  t.equal(twilio.stats().creates.total >= 10, true, 'much of it was carried out')

  // In paths and queries, plain and encoded.
  for (const number of [`%2B1${DIGITS}`, `+1${DIGITS}`, DIGITS, `%2b1${DIGITS}.json`]) {
    await ask(`/lookups/v2/PhoneNumbers/${number}?Fields=caller_name`, passed)
    await ask(`${MESSAGES}?To=${number}&Body=${encodeURIComponent(TEXT)}`, passed)
    await ask(`/2010-04-01/Accounts/${SID}/${number}/${EMAIL}@example.com/`, passed)
  }
  await ask(`/sync/v1/Services/IS${'1'.repeat(32)}/Documents/${EMAIL}-${DIGITS}?Token=${TOKEN}`, passed)
  await ask(MESSAGES, { ...passed, method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ To: `+1${DIGITS}`, Body: TEXT }) })

  // Refused by us.
  t.equal(await ask(MESSAGES, { ...post, headers: { host: 'evil.example' } }), 421)
  t.equal(await ask(`/evil.example/${DIGITS}?Token=${TOKEN}`), 421)
  t.equal(await ask(MESSAGES, { ...post, headers: { 'governor-class': 'urgent' } }), 400)
  t.equal(await ask(MESSAGES, { method: 'POST', body: form(`&More=${'x'.repeat(5000)}`) }), 413)
  answers.push(await raw(proxy, `GET http://${SID}:${TOKEN}@evil.example/${DIGITS} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`))
  answers.push(await raw(proxy, `GET http://${SID}:${TOKEN}@api.twilio.com/${DIGITS} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`))
  answers.push(await raw(proxy, `GET /%2e%2e/${DIGITS}?Token=${TOKEN} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`))
  answers.push(await raw(proxy, `TRACE ${MESSAGES}?To=+1${DIGITS} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${CREDENTIALS[0]!}\r\nConnection: close\r\n\r\n`))
  answers.push(await raw(proxy, `${TOKEN} ${DIGITS} ${TEXT}\r\n\r\n`))
  answers.push(await raw(proxy, `GET / HTTP/1.1\r\nAuthorization: ${CREDENTIALS[0]!}\r\nbad header ${TOKEN}\r\n\r\n`))
  answers.push(await raw(proxy, `GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ${TOKEN.repeat(1000)}\r\n\r\n`))
  answers.push(await raw(proxy, `POST ${MESSAGES} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n${TOKEN} ${DIGITS}\r\n`))
  await raw(proxy, `POST ${MESSAGES} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${CREDENTIALS[0]!}\r\nContent-Length: 500\r\n\r\n${form()}`)
  answers.push((await client(`${admin}/${DIGITS}?Token=${TOKEN}`, { headers: { authorization: CREDENTIALS[0]! } })).body.toString())

  // Trouble at Twilio.
  for (const kind of ['reset_before', 'reset_after', 'truncated_body', 'html_503', 'json_500'] as const) {
    for (const method of ['POST', 'GET']) {
      twilio.settings({ faults: [{ kind, next: 3 }] })
      await ask(`${MESSAGES}?To=%2B1${DIGITS}`, { own: kind.startsWith('reset'), ...(method === 'POST' ? post : {}) })
    }
  }
  twilio.settings({ faults: [], random429: [{ probability: 1 }] })
  await ask(MESSAGES, { ...passed, ...post, headers: { 'governor-timeout-ms': '200' } })

  // Shed, queued until the deadline, and left by their clients in flight and in the queue.
  twilio.settings({ random429: [], faults: [{ kind: 'hang', next: 2 }] })
  const brief = { ...post, headers: { 'governor-timeout-ms': '500' } }
  const abandoned = async (): Promise<RawClient> => {
    const body = form()
    return await connectRaw(t, proxy, `POST ${MESSAGES} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${CREDENTIALS[0]!}\r\n` +
      `Content-Type: ${URLENCODED}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  }
  const inflight = await abandoned()
  await until(() => app.state.accounts().some((account) => account.inflight === 1))
  const queued = await abandoned()
  const waiting = ask(MESSAGES, brief)
  await until(() => app.state.waitingRequests() === 2)
  t.equal(await ask(MESSAGES, brief), 429, 'one too many')
  const [metrics, state] = await Promise.all(['/metrics', '/state'].map(async (path) => (await client(admin + path)).body.toString()))
  t.equal(await waiting, 429, 'its deadline came')
  inflight.reset()
  queued.reset()
  await until(() => log().filter(({ reason }) => reason === 'client_left').length === 2)
  await app.close()
  t.match(await ask(MESSAGES, post).catch((error: unknown) => error), { code: 'ECONNREFUSED' })
  return { log: log().map((line) => JSON.stringify(line)).join('\n'), metrics: metrics!, state: state!, file: readFileSync(stateFile, 'utf8'), answers }
}

for (const label of ['full', 'hashed'] as const) {
  t.test(`after traffic full of secrets, none is in log, metrics, state, state file or the proxy's own answers, accounts ${label}`, async (t) => {
    const { log, metrics, state, file, answers } = await everythingShown(t, label)
    t.ok(log.split('\n').length > 50, `${log.split('\n').length} lines of log`)
    for (const reason of ['unknown_host', 'bad_request', 'bad_header', 'body_too_large', 'outcome_unknown', 'queue_full', 'client_left', 'answered']) {
      t.ok(log.includes(`"reason":"${reason}"`), `the log tells of ${reason}`)
    }
    assertClean(t, 'log', log)
    assertClean(t, 'metrics', metrics)
    assertClean(t, 'state', state)
    assertClean(t, 'state file', file)
    t.ok(answers.length > 15)
    for (const answer of answers) assertClean(t, answer.slice(0, 60), answer)
    for (const [what, text] of Object.entries({ log, metrics, state, file })) {
      t.equal(/(AC|SK)[0-9a-f]{32}/.test(text), label === 'full', `${what}: SIDs only where they are wanted`)
      t.equal(text.includes('sha256:'), label === 'hashed', `${what}: hashes instead`)
    }
  })
}
