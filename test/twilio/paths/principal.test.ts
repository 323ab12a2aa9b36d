import fc from 'fast-check'
import t from 'tap'
import { holds } from '../holds.ts'
import { accountInPath, parsePrincipal } from '../../../src/twilio/paths/principal.ts'

const ACCOUNT = `AC${'0123456789abcdef'.repeat(2)}`
const OTHER = `AC${'f'.repeat(32)}`
const KEY = `SK${'0123456789abcdef'.repeat(2)}`
const SECRET = 'hunter2-and-more'

const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`
const jwt = (claims: unknown): string =>
  ['{"alg":"RS256"}', JSON.stringify(claims), SECRET].map((part) => Buffer.from(part).toString('base64url')).join('.')

t.test('Basic says an account, an API key or another user, and never the password', async t => {
  const cases: Array<[string, object]> = [
    [`${ACCOUNT}:${SECRET}`, { kind: 'account', sid: ACCOUNT }],
    [`${ACCOUNT}:`, { kind: 'account', sid: ACCOUNT }],
    [`${KEY}:${SECRET}`, { kind: 'key', sid: KEY }],
    [`${KEY}:a:b`, { kind: 'key', sid: KEY }],
    [`OQ123:${SECRET}`, { kind: 'user', name: 'OQ123' }],
    [`${ACCOUNT}0:${SECRET}`, { kind: 'user', name: `${ACCOUNT}0` }],
    [`${ACCOUNT.slice(0, -1)}:${SECRET}`, { kind: 'user', name: ACCOUNT.slice(0, -1) }],
    [`ac${ACCOUNT.slice(2).toUpperCase()}:${SECRET}`, { kind: 'account', sid: ACCOUNT }],
    [` ${ACCOUNT} :${SECRET}`, { kind: 'account', sid: ACCOUNT }],
    [`sk${KEY.slice(2)}:${SECRET}`, { kind: 'key', sid: KEY }],
    [`:${SECRET}`, { kind: 'anonymous' }],
    [SECRET, { kind: 'anonymous' }]
  ]
  for (const [pair, expected] of cases) {
    t.strictSame(parsePrincipal(basic(pair)), expected, pair)
    t.strictSame(parsePrincipal(basic(pair).replace('Basic', 'bASIC ')), expected, `${pair} in another case`)
  }
})

t.test('credentials are read as a lenient server reads them', async t => {
  const plain = Buffer.from(`${ACCOUNT}:>>>???`).toString('base64')
  const spellings = [plain.replace(/=+$/, ''), plain.replaceAll('+', '-').replaceAll('/', '_'), `${plain.slice(0, 9)} ${plain.slice(9)}`, `${plain.slice(0, 9)}*${plain.slice(9)}`, `${plain}A`, `${plain.replace(/=+$/, '')}AA`]
  for (const spelling of spellings) t.strictSame(parsePrincipal(`Basic\t${spelling}`), { kind: 'account', sid: ACCOUNT }, spelling)
})

t.test('a header that cannot be read is anonymous', async t => {
  for (const header of [undefined, '', 'Basic', 'Basic ', 'Basic ***', 'Digest a="b"', 'Bearer', ACCOUNT, `Basic${ACCOUNT}`, `Basic ${'QUFB'.repeat(5000)}`]) {
    t.strictSame(parsePrincipal(header), { kind: 'anonymous' }, String(header).slice(0, 20))
  }
})

t.test('a token is base64url: with a hyphen and an underscore in it, without padding', async t => {
  for (const [filler, character] of [['>>>', '-'], ['???', '_'], ['~~~~', 'f']] as const) {
    for (const before of ['', 'a', 'ab']) {
      const token = jwt({ x: before + filler, sub: ACCOUNT })
      t.ok(before !== '' || token.split('.')[1]?.includes(character))
      t.strictSame(parsePrincipal(`Bearer ${token}`), { kind: 'bearer', accountSid: ACCOUNT, subject: ACCOUNT }, token)
    }
  }
})

t.test('a token\'s claims may name an account and a client', async t => {
  const cases: Array<[unknown, string | undefined, string | undefined]> = [
    [{ sub: ACCOUNT, iss: KEY }, ACCOUNT, ACCOUNT],
    [{ acc: ACCOUNT, sub: 'me' }, ACCOUNT, 'me'],
    [{ account_sid: ACCOUNT, sub: OTHER }, ACCOUNT, OTHER],
    [{ accountSid: ACCOUNT, client_id: 'OQ1', azp: 'a', sub: 's' }, ACCOUNT, 'OQ1'],
    [{ azp: 'a', sub: 's', iss: 'i' }, undefined, 'a'],
    [{ client_id: 7, azp: null, sub: '', iss: [ACCOUNT] }, undefined, undefined],
    [{ sub: 'x'.repeat(257), iss: 'i' }, undefined, 'i'],
    [{ jti: ACCOUNT }, undefined, undefined],
    [{ sub: `${ACCOUNT}x` }, undefined, `${ACCOUNT}x`],
    [{ __proto__: { sub: ACCOUNT } }, undefined, undefined],
    [[ACCOUNT], undefined, undefined],
    ['sub', undefined, undefined],
    [null, undefined, undefined],
    [7, undefined, undefined]
  ]
  for (const [claims, accountSid, subject] of cases) {
    t.strictSame(parsePrincipal(`Bearer ${jwt(claims)}`), { kind: 'bearer', accountSid, subject }, JSON.stringify(claims).slice(0, 80))
  }
})

t.test('a token that is no JWT says nothing, and nothing of its text comes out', async t => {
  const nothing = { kind: 'bearer', accountSid: undefined, subject: undefined }
  const tokens = [SECRET, `${SECRET}.${SECRET}.${SECRET}`, 'a.b', '..', `a.${Buffer.from(`{"sub":"${ACCOUNT}"`).toString('base64url')}.c`, 'a.***.c', ACCOUNT]
  for (const token of tokens) t.strictSame(parsePrincipal(`Bearer ${token}`), nothing, token)
  t.strictSame(parsePrincipal(`Bearer ${jwt({ sub: ACCOUNT, pad: 'x'.repeat(20_000) })}`), { kind: 'anonymous' }, 'too long')
  t.match(parsePrincipal(`Bearer ${jwt({ sub: ACCOUNT, pad: 'x'.repeat(9_000) })}`), { accountSid: ACCOUNT }, 'longer than what is remembered')
})

t.test('no header makes it throw, and no password comes out', async t => {
  holds(t, fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string().map((s) => `Bearer a.${s}.b`), fc.string().map((s) => `Basic ${s}`), fc.json().map((s) => `Bearer a.${Buffer.from(s).toString('base64url')}.b`)),
    (header) => typeof parsePrincipal(header).kind === 'string'))
  holds(t, fc.property(fc.string(), fc.stringMatching(/^[A-Za-z0-9]{20}$/), (name, password) =>
    !JSON.stringify(parsePrincipal(basic(`${name.replaceAll(':', '')}:${password}`))).includes(password)))
})

t.test('the account is read from an Accounts segment of the path', async t => {
  const cases: Array<[string, string | undefined]> = [
    [`/2010-04-01/Accounts/${ACCOUNT}/Messages.json`, ACCOUNT],
    [`/2010-04-01/Accounts/${ACCOUNT}.json`, ACCOUNT],
    [`/2010-04-01/Accounts/${ACCOUNT}.xml?a=b`, ACCOUNT],
    [`/2010-04-01/Accounts/${ACCOUNT}.csv`, ACCOUNT],
    [`/2010-04-01/Accounts/${ACCOUNT}`, ACCOUNT],
    [`/2010-04-01/Accounts/${ACCOUNT}?PageSize=1`, ACCOUNT],
    [`/v1/Organizations/OR1/Accounts/${ACCOUNT}`, ACCOUNT],
    [`/v1/Accounts/x/Accounts/${ACCOUNT}`, ACCOUNT],
    [`/2010-04-01/Accounts/${ACCOUNT}/Accounts/${OTHER}`, ACCOUNT],
    [`/2010-04-01/accounts/${ACCOUNT.toLowerCase()}/messages.json`, ACCOUNT],
    [`/2010-04-01/%41ccounts/%41C${ACCOUNT.slice(2).toUpperCase()}/x`, ACCOUNT],
    ['/2010-04-01/Accounts.json', undefined],
    ['/2010-04-01/Accounts/', undefined],
    [`/2010-04-01/Accounts/${ACCOUNT}0`, undefined],
    [`/2010-04-01/Accounts/${ACCOUNT.slice(0, -1)}`, undefined],
    [`/2010-04-01/Accounts/${ACCOUNT.slice(0, -1)}?x`, undefined],
    [`/2010-04-01/Accounts/${KEY}`, undefined],
    [`/2010-04-01/SubAccounts/${ACCOUNT}`, undefined],
    [`/2010-04-01?x=/Accounts/${ACCOUNT}`, undefined],
    [`/v1/Services/${ACCOUNT}`, undefined],
    ['', undefined]
  ]
  for (const [path, expected] of cases) t.equal(accountInPath(path), expected, path)
  holds(t, fc.property(fc.string({ unit: 'binary' }), (text) => accountInPath(`/Accounts/${text}`) === undefined))
})
