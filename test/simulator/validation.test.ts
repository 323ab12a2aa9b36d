import { constants, createHash, generateKeyPairSync, sign } from 'node:crypto'
import t from 'tap'
import { ask, AUTHORIZATION, MESSAGES, simulator, type Answer } from './support.ts'

const CREDENTIAL = `CR${'4'.repeat(32)}`
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } })
const other = generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } })

const FORM = 'To=%2B15550001111&From=%2B15550002222&Body=hello'
const HOST = 'api.twilio.com'
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const CANONICAL = ['POST', MESSAGES, '', `authorization:${AUTHORIZATION}`, `host:${HOST}`, '', 'authorization;host', sha256(FORM)].join('\n')

interface Over {
  readonly header?: object
  readonly claims?: object
  readonly key?: string
}

function token ({ header = {}, claims = {}, key = privateKey }: Over = {}): string {
  const whole = { typ: 'JWT', alg: 'RS256', kid: CREDENTIAL, ...header }
  const body = { iss: 'SK1', sub: 'AC1', exp: Math.floor(Date.now() / 1000) + 300, hrh: 'authorization;host', rqh: sha256(CANONICAL), ...claims }
  const signed = [whole, body].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  const padding = whole.alg === 'PS256' ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : {}
  return `${signed}.${sign('sha256', Buffer.from(signed), { key, ...padding }).toString('base64url')}`
}

t.test('where there is a public key, what is signed with its private key is carried out', async (t) => {
  const subject = await simulator(t, { publicKeys: { [CREDENTIAL]: publicKey } })
  for (const alg of ['RS256', 'PS256']) t.equal((await post(token({ header: { alg } }))).status, 201, alg)
  t.match(subject.stats(), { unauthorised: 0, creates: { total: 2 } })

  async function post (validation: string): Promise<Answer> {
    return ask(subject, MESSAGES, { form: Object.fromEntries(new URLSearchParams(FORM)), headers: { host: HOST, 'twilio-client-validation': validation } })
  }
})

t.test('a token that does not fit is refused, with Twilio\'s code for the reason', async (t) => {
  const subject = await simulator(t, { publicKeys: { [CREDENTIAL]: publicKey, [`CR${'5'.repeat(32)}`]: '-----BEGIN PUBLIC KEY-----\nnonsense' } })
  const reasons: ReadonlyArray<readonly [code: number, name: string, validation: string | undefined]> = [
    [70052, 'none at all', undefined],
    [20160, 'no token', 'nonsense'],
    [20160, 'a token of nothing', 'bnVsbA.bnVsbA.'],
    [20152, 'a key that nobody knows', token({ header: { kid: 'CR1' } })],
    [20152, 'no signature', token({ header: { alg: 'none' } })],
    [20152, 'a signature with a secret', token({ header: { alg: 'HS256' } })],
    [20159, 'signed with another key', token({ key: other.privateKey })],
    [20159, 'signed in another way than it says', token().replace(/^[^.]+/, token({ header: { alg: 'PS256' } }).split('.')[0]!)],
    [20156, 'too old', token({ claims: { exp: Math.floor(Date.now() / 1000) - 1 } })],
    [20156, 'good for ever', token({ claims: { exp: undefined } })],
    [20154, 'no hash', token({ claims: { rqh: undefined } })],
    [20154, 'no headers', token({ claims: { hrh: undefined } })],
    [70154, 'a key that is none', token({ header: { kid: `CR${'5'.repeat(32)}` } })],
    [70155, 'a signed header that is not there', token({ claims: { hrh: 'authorization;host;x-signed' } })],
    [70156, 'another hash', token({ claims: { rqh: sha256('another') } })]
  ]
  for (const [code, name, validation] of reasons) {
    const headers = { host: HOST, ...(validation === undefined ? {} : { 'twilio-client-validation': validation }) }
    const answer = await ask(subject, MESSAGES, { form: Object.fromEntries(new URLSearchParams(FORM)), headers })
    t.match(answer.json(), { code, status: 401 }, name)
  }
  t.match(subject.stats(), { received: 0, unauthorised: reasons.length, creates: { total: 0 } })
})

t.test('whatever of the request is changed on the way is found out', async (t) => {
  const subject = await simulator(t, { publicKeys: { [CREDENTIAL]: publicKey } })
  const form = Object.fromEntries(new URLSearchParams(FORM))
  const code = async (path: string, asked: Parameters<typeof ask>[2]): Promise<number> =>
    (await ask(subject, path, { form, ...asked, headers: { host: HOST, 'twilio-client-validation': token(), ...asked?.headers } })).json().code
  t.equal(await code(MESSAGES, { form: { ...form, Body: 'goodbye' } }), 70156, 'the body')
  t.equal(await code(`${MESSAGES}?a=b`, {}), 70156, 'the query')
  t.equal(await code(MESSAGES.replace('Messages', 'Calls'), {}), 70156, 'the path')
  t.equal(await code(MESSAGES, { headers: { host: 'api.us1.twilio.com' } }), 70156, 'the host')
  t.equal(await code(MESSAGES, { headers: { authorization: `${AUTHORIZATION}=` } }), 70156, 'the credentials')
})

t.test('without a public key nothing has to be signed, and a token is not looked at', async (t) => {
  const subject = await simulator(t)
  t.equal((await ask(subject, MESSAGES, { headers: { 'twilio-client-validation': 'nonsense' } })).status, 200)
})
