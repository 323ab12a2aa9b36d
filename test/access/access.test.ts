/** Applications that hold no Twilio secret: tokens in, credentials of the proxy's out. */
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import { makeToken, revokeTokens } from '../../src/commands/token/token.ts'
import { ACCOUNT, AUTHORIZATION, createClient, MESSAGES, startApp, startUpstream, type Received, type Started, type Upstream } from '../support/app.ts'

const KEY = `SK${'b'.repeat(32)}`
const SECRET = 'first-secret-of-the-key'
const basic = (user: string, password: string): string => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
const asAccount = (token: string): Record<string, string> => ({ authorization: basic(ACCOUNT, token) })

interface Stage extends Started {
  readonly upstream: Upstream
  readonly tokensFile: string
  readonly secretFile: string
  readonly token: string
  readonly ask: ReturnType<typeof createClient>
  /** Authorization headers that Twilio accepts. */
  readonly accepted: Set<string>
}

/** Replaces a file as Kubernetes and editors do: whole, or not at all. */
function replace (file: string, text: string): void {
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
}

/** Asks again until it is so: files are looked at twice a second. */
async function until (look: () => Promise<boolean>): Promise<void> {
  while (!await look()) await new Promise((resolve) => { setImmediate(resolve) })
}

async function stage (t: Test, callers: Record<string, unknown> = {}, more: (folder: string) => Record<string, unknown> = () => ({})): Promise<Stage> {
  const folder = t.testdir({ secret: `${KEY}:${SECRET}\n`, spare: `SK${'c'.repeat(32)}:of-the-second` })
  const tokensFile = join(folder, 'tokens.json')
  const secretFile = join(folder, 'secret')
  const accepted = new Set([basic(KEY, SECRET)])
  const upstream = await startUpstream(t, (request: Received, response: ServerResponse) => {
    const isKnown = accepted.has(request.headers.authorization ?? '')
    response.writeHead(isKnown ? 201 : 401, { 'content-type': 'application/json' })
    response.end(isKnown ? '{"sid":"SM1"}' : '{"code":20003,"message":"Authenticate","status":401}')
  })
  const { token } = await makeToken(tokensFile, 'signup', undefined, new Date())
  const started = await startApp(t, upstream.origin, {
    access: { tokensFile, ...callers, credentials: { shop: { account: ACCOUNT, file: secretFile }, ...more(folder) } }
  })
  return { ...started, upstream, tokensFile, secretFile, token, ask: createClient(t), accepted }
}

const post = (authorization: Record<string, string>): { method: string, headers: Record<string, string>, body: string } => ({
  method: 'POST', headers: { ...authorization, 'content-type': 'application/x-www-form-urlencoded' }, body: 'To=%2B15005550006&From=%2B15005550001&Body=x'
})

t.test('a token in the place of a secret is enough, and only the credential of the proxy goes to Twilio', async (t) => {
  const { proxy, ask, token, upstream, log } = await stage(t)
  const ways: Array<Record<string, string>> = [
    asAccount(token),
    { authorization: `Bearer ${token}` },
    { authorization: `bearer ${token}` },
    { 'governor-token': token },
    { 'proxy-authorization': `Bearer ${token}` },
    { 'proxy-authorization': basic('anybody', token) },
    { 'governor-token': token, authorization: AUTHORIZATION }
  ]
  for (const way of ways) t.equal((await ask(proxy + MESSAGES, post(way))).status, 201, Object.keys(way).join(' '))
  t.equal(upstream.received.length, ways.length)
  for (const { rawHeaders, headers } of upstream.received) {
    t.equal(headers.authorization, basic(KEY, SECRET))
    t.equal(rawHeaders.filter((name) => name.toLowerCase() === 'authorization').length, 1)
    t.notMatch(rawHeaders.join('\n'), token)
    t.notMatch(rawHeaders.join('\n').toLowerCase(), /governor-|proxy-authorization/)
  }
  const lines = JSON.stringify(log())
  for (const secret of [token, SECRET, basic(KEY, SECRET).slice(6), basic(ACCOUNT, token).slice(6)]) t.notOk(lines.includes(secret))
  t.match(log().filter(({ msg }) => msg === 'exchange'), ways.map(() => ({ caller: 'signup' })), 'the name comes from the token')
})

t.test('the caller is who its token says, whatever Governor-Caller says', async (t) => {
  const { proxy, ask, token, log } = await stage(t)
  await ask(proxy + MESSAGES, post({ ...asAccount(token), 'governor-caller': 'billing' }))
  t.match(log().filter(({ msg }) => msg === 'exchange'), [{ caller: 'signup' }])
})

t.test('a token that is no good is refused here, in a shape that SDKs read, and never sent to Twilio', async (t) => {
  const { proxy, ask, token, tokensFile, upstream, admin } = await stage(t)
  const { token: expired } = await makeToken(tokensFile, 'old', '1s', new Date(Date.now() - 60_000))
  await until(async () => (await ask(proxy + MESSAGES, post(asAccount(expired)))).body.toString().includes('expired'))
  const other = token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A')
  const bad: Array<Record<string, string>> = [
    asAccount(other), asAccount(`${token}A`), asAccount(token.slice(0, -1)), { authorization: `Bearer ${other}` },
    { 'governor-token': 'something' }, { 'governor-token': other, authorization: AUTHORIZATION },
    { 'governor-token': token, 'proxy-authorization': `Bearer ${other}` }, asAccount(expired)
  ]
  for (const headers of bad) {
    const answer = await ask(proxy + MESSAGES, post(headers))
    t.match([answer.status, answer.json()], [401, { code: 20003, status: 401, message: /Nothing was sent to Twilio/ }])
    t.equal(answer.headers['governor-outcome'], 'not_sent')
    t.notMatch(answer.body.toString(), /tgv/)
  }
  t.equal(upstream.received.length, 0)
  t.match((await ask(`${admin}/metrics`)).body.toString(), /refused_total\{reason="unknown_caller"\} \d/)
})

t.test('without a token the client\'s own credential goes on, unless tokens are required', async (t) => {
  const open = await stage(t)
  open.accepted.add(AUTHORIZATION)
  t.equal((await open.ask(open.proxy + MESSAGES, post({ authorization: AUTHORIZATION }))).status, 201)
  t.equal(open.upstream.received[0]?.headers.authorization, AUTHORIZATION)
  const closed = await stage(t, { required: true })
  t.match((await closed.ask(closed.proxy + MESSAGES, post({ authorization: AUTHORIZATION }))).json(), { code: 20003, message: /needs a token/ })
  t.equal(closed.upstream.received.length, 0)
})

t.test('a caller that sends a credential of its own is known by its token, and keeps its credential', async (t) => {
  const { proxy, ask, token, upstream, accepted, log } = await stage(t, { callers: { signup: { credentials: 'own' } } })
  accepted.add(AUTHORIZATION)
  t.equal((await ask(proxy + MESSAGES, post({ authorization: AUTHORIZATION, 'governor-token': token }))).status, 201)
  t.equal(upstream.received[0]?.headers.authorization, AUTHORIZATION)
  t.match(log().filter(({ msg }) => msg === 'exchange'), [{ caller: 'signup' }])
  t.match((await ask(proxy + MESSAGES, post(asAccount(token)))).json(), { code: 20003, message: /belongs into the header Governor-Token/ })
  t.equal(upstream.received.length, 1)
})

t.test('a token is revoked within a second, while the proxy runs', async (t) => {
  const { proxy, ask, token, tokensFile } = await stage(t)
  t.equal((await ask(proxy + MESSAGES, post(asAccount(token)))).status, 201)
  await revokeTokens(tokensFile, 'signup', new Date())
  await until(async () => (await ask(proxy + MESSAGES, post(asAccount(token)))).status === 401)
  t.match((await ask(proxy + MESSAGES, post(asAccount(token)))).json(), { message: /was revoked/ })
})

t.test('a new secret serves without a failed request, and the old one until Twilio has accepted the new one', async (t) => {
  const { proxy, ask, token, secretFile, upstream, accepted } = await stage(t)
  t.equal((await ask(proxy + MESSAGES, post(asAccount(token)))).status, 201)
  const next = basic(KEY, 'second-secret-of-the-key')
  replace(secretFile, `${KEY}:wrong-by-mistake`)
  // Twilio refuses it; the old one is at hand, and no client sees it.
  await until(async () => {
    t.equal((await ask(proxy + MESSAGES, post(asAccount(token)))).status, 201)
    return upstream.received.some(({ headers }) => headers.authorization === basic(KEY, 'wrong-by-mistake'))
  })
  accepted.add(next)
  replace(secretFile, `${KEY}:second-secret-of-the-key`)
  await until(async () => {
    t.equal((await ask(proxy + MESSAGES, post(asAccount(token)))).status, 201)
    return upstream.received.at(-1)?.headers.authorization === next
  })
  accepted.delete(basic(KEY, SECRET))
  t.equal((await ask(proxy + MESSAGES, post(asAccount(token)))).status, 201)
})

t.test('when Twilio refuses the first credential with 401, the second is tried once, and metrics and log say so', async (t) => {
  const second = basic(`SK${'c'.repeat(32)}`, 'of-the-second')
  const { proxy, ask, token, upstream, accepted, log, admin } = await stage(t, {}, (folder) => ({ spare: { account: ACCOUNT, file: join(folder, 'spare') } }))
  t.equal((await ask(proxy + MESSAGES, post(asAccount(token)))).status, 201)
  accepted.clear()
  accepted.add(second)
  const answer = await ask(proxy + MESSAGES, post(asAccount(token)))
  t.match([answer.status, answer.headers['governor-attempts']], [201, '2'])
  t.same(upstream.received.map(({ headers }) => headers.authorization), [basic(KEY, SECRET), basic(KEY, SECRET), second])
  t.match((await ask(`${admin}/metrics`)).body.toString(), /retries_total\{reason="other_credential"\} 1/)
  for (let i = 0; i < 4; i++) await ask(proxy + MESSAGES, post(asAccount(token)))
  t.ok(log().some(({ msg, name, change, level }) => msg === 'credential' && name === 'shop' && change === 'rejected' && level === 'warn'))
  const count = upstream.received.length
  await ask(proxy + MESSAGES, post(asAccount(token)))
  t.equal(upstream.received.length, count + 1, 'the one that is rejected is left alone')
  accepted.clear()
  const neither = await ask(proxy + MESSAGES, post(asAccount(token)))
  t.match([neither.status, neither.json()], [401, { message: 'Authenticate' }], 'the answer of Twilio, where there is no other')
})

t.test('a 403 says nothing of the credential: it goes to the client, and the next credential is left alone', async (t) => {
  const folder = t.testdir({ first: `${KEY}:${SECRET}`, spare: `SK${'c'.repeat(32)}:of-the-second` })
  const tokensFile = join(folder, 'tokens.json')
  const { token } = await makeToken(tokensFile, 'signup', undefined, new Date())
  const upstream = await startUpstream(t, (_request, response) => { response.writeHead(403, { 'content-type': 'application/json' }).end('{}') })
  const credentials = { shop: { account: ACCOUNT, file: join(folder, 'first') }, spare: { account: ACCOUNT, file: join(folder, 'spare') } }
  const { proxy } = await startApp(t, upstream.origin, { access: { tokensFile, credentials } })
  const ask = createClient(t)
  for (let i = 0; i < 8; i++) t.match(await ask(proxy + MESSAGES, post(asAccount(token))), { status: 403, headers: { 'governor-attempts': '1' } })
  t.ok(upstream.received.every(({ headers }) => headers.authorization === basic(KEY, SECRET)))
})

t.test('an OAuth client\'s token is fetched once for all, used, and renewed when Twilio revokes it', async (t) => {
  let number = 0
  const forms: string[] = []
  const upstream = await startUpstream(t, (request, response) => {
    response.setHeader('content-type', 'application/json')
    if (request.url === '/v2/token') {
      forms.push(`${request.headers.host} ${request.body.toString()}`)
      response.end(JSON.stringify({ access_token: `token-${++number}`, expires_in: 3600, token_type: 'Bearer' }))
    } else {
      response.statusCode = request.headers.authorization === `Bearer token-${number}` ? 201 : 401
      response.end('{}')
    }
  })
  const folder = t.testdir({ secret: 'the-secret-of-the-client' })
  const tokensFile = join(folder, 'tokens.json')
  const { token } = await makeToken(tokensFile, 'signup', undefined, new Date())
  const { proxy, log } = await startApp(t, upstream.origin, {
    access: { tokensFile, credentials: { shop: { account: ACCOUNT, type: 'oauth', user: 'OQ123', file: join(folder, 'secret') } } }
  } as never)
  const ask = createClient(t)
  const answers = await Promise.all(Array.from({ length: 20 }, async () => ask(proxy + MESSAGES, post(asAccount(token)))))
  t.ok(answers.every(({ status }) => status === 201))
  t.same(forms, ['oauth.twilio.com grant_type=client_credentials&client_id=OQ123&client_secret=the-secret-of-the-client'])
  number++
  await until(async () => (await ask(proxy + MESSAGES, post(asAccount(token)))).status === 201)
  t.equal(forms.length, 2)
  t.notMatch(JSON.stringify(log()), /the-secret-of-the-client|token-\d/)
})

t.test('a wrong secret costs Twilio one request a second after the first five, and clients hear of it at once', async (t) => {
  const { proxy, ask, token, upstream, accepted } = await stage(t)
  accepted.clear()
  const answers = await Promise.all(Array.from({ length: 100 }, async () => ask(proxy + MESSAGES, post(asAccount(token)))))
  t.ok(answers.every(({ status }) => status === 401))
  t.ok(upstream.received.length <= 5, `${upstream.received.length} reached Twilio`)
  const own = answers.filter(({ headers }) => headers['governor-refused'] === 'credentials_rejected')
  t.ok(own.length >= 95)
  t.match(own[0]?.json(), { code: 20003, message: /accepts none of the credentials.*Nothing was sent to Twilio/ })
})

t.test('an account without a credential is told so', async (t) => {
  const { proxy, ask, token, upstream } = await stage(t)
  const elsewhere = `/2010-04-01/Accounts/AC${'d'.repeat(32)}/Messages.json`
  const answer = await ask(proxy + elsewhere, post({ authorization: `Bearer ${token}` }))
  t.match([answer.status, answer.headers['governor-refused'], answer.json()], [401, 'no_credential', { message: /holds no credential for the account/ }])
  const nowhere = await ask(`${proxy}/verify/v2/Services`, { headers: { authorization: `Bearer ${token}` } })
  t.match([nowhere.status, nowhere.json()], [400, { message: /which account/ }])
  t.equal((await ask(`${proxy}/verify/v2/Services`, { headers: { authorization: `Bearer ${token}`, 'governor-account': ACCOUNT } })).status, 201)
  t.equal((await ask(`${proxy}/verify/v2/Services`, { headers: { authorization: `Bearer ${token}`, 'governor-account': 'AC1' } })).status, 400)
  t.equal(upstream.received.length, 1)
})
