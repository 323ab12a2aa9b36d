import t from 'tap'
import type { Trust } from '../../../src/commands/doctor/facts.ts'
import type { Sdk } from '../../../src/commands/doctor/finding.ts'
import { facts, findings, fixOf, governor, PROXY, SYSTEM, verdicts } from './situation.ts'

/** Files by what is in them. */
const FILES: Readonly<Record<string, Trust>> = {
  good: 'trusted', bad: 'unknown_issuer', old: 'expired', gone: 'unreadable', folder: 'undetermined', [SYSTEM]: 'unknown_issuer'
}
const given = facts({ at: { [PROXY]: governor(FILES) } })
const ways = { HTTP_PROXY: PROXY, HTTPS_PROXY: PROXY, https_proxy: PROXY }

const verdict = (sdk: Sdk, env: Record<string, string>): string => verdicts(sdk, { ...ways, ...env }, given)[0] ?? ''

/** Which of two files counts: the first that is named, or the other. */
const TABLE: ReadonlyArray<readonly [sdk: Sdk, env: Record<string, string>, verdict: string]> = [
  ['node', {}, 'fails untrusted'],
  ['node', { NODE_EXTRA_CA_CERTS: 'good' }, 'through tunnel'],
  ['node', { NODE_EXTRA_CA_CERTS: 'bad' }, 'fails untrusted'],
  ['node', { NODE_EXTRA_CA_CERTS: 'gone' }, 'fails trust_file_unreadable'],
  ['node', { NODE_EXTRA_CA_CERTS: 'old' }, 'fails authority_expired'],
  ['node', { TWILIO_CA_BUNDLE: 'good' }, 'fails untrusted'],
  ['node', { SSL_CERT_FILE: 'good' }, 'fails untrusted'],
  ['node', { SSL_CERT_FILE: 'good', NODE_OPTIONS: '--use-openssl-ca' }, 'through tunnel'],
  ['node', { NODE_EXTRA_CA_CERTS: 'bad', SSL_CERT_FILE: 'good', NODE_OPTIONS: '--use-openssl-ca' }, 'through tunnel'],
  ['node', { NODE_TLS_REJECT_UNAUTHORIZED: '0' }, 'through tunnel'],
  ['twilio-cli', { NODE_EXTRA_CA_CERTS: 'good' }, 'through tunnel'],
  ['python', {}, 'fails untrusted'],
  ['python', { REQUESTS_CA_BUNDLE: 'good' }, 'through tunnel'],
  ['python', { CURL_CA_BUNDLE: 'good' }, 'through tunnel'],
  ['python', { REQUESTS_CA_BUNDLE: 'bad', CURL_CA_BUNDLE: 'good' }, 'fails untrusted'],
  ['python', { REQUESTS_CA_BUNDLE: 'folder' }, 'unknown trust_unseen'],
  ['python', { SSL_CERT_FILE: 'good' }, 'fails untrusted'],
  ['curl', { CURL_CA_BUNDLE: 'good' }, 'through tunnel'],
  ['curl', { SSL_CERT_FILE: 'good' }, 'through tunnel'],
  ['curl', { CURL_CA_BUNDLE: 'bad', SSL_CERT_FILE: 'good' }, 'fails untrusted'],
  ['curl', { REQUESTS_CA_BUNDLE: 'good' }, 'fails untrusted'],
  ['curl', { SSL_CERT_DIR: 'x' }, 'unknown trust_unseen'],
  ['go', { SSL_CERT_FILE: 'good' }, 'through tunnel'],
  ['go', {}, 'fails untrusted'],
  ['ruby', { SSL_CERT_FILE: 'good' }, 'through tunnel'],
  ['ruby', { SSL_CERT_FILE: 'gone' }, 'fails trust_file_unreadable'],
  ['csharp', { SSL_CERT_FILE: 'good' }, 'through tunnel'],
  ['php', { SSL_CERT_FILE: 'good' }, 'unknown trust_unseen'],
  ['java', { JAVA_TOOL_OPTIONS: '-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=8080' }, 'unknown trust_unseen'],
  ['java', { JAVA_TOOL_OPTIONS: '-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=8080 -Djavax.net.ssl.trustStore=good' }, 'through tunnel'],
  ['java', { JAVA_TOOL_OPTIONS: '-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=8080 -Djavax.net.ssl.trustStore=bad' }, 'fails untrusted']
]

t.test('each believes what its own variables name', async (t) => {
  for (const [sdk, env, wanted] of TABLE) t.equal(verdict(sdk, env), wanted, `${sdk} with ${JSON.stringify(env)}`)
})

t.test('a file that takes the system\'s place is made with the system\'s in it; one that is there is not made again', async (t) => {
  const env = { HTTPS_PROXY: PROXY }
  t.same(fixOf('untrusted', findings('go', env, given)), ['export SSL_CERT_FILE=\'/governor/all.pem\''])
  const first = facts({ at: { [PROXY]: governor(FILES) }, authority: { folder: '/it\'s here', state: 'known', bundled: false } })
  t.same(fixOf('untrusted', findings('python', env, first)), [
    `cat ${SYSTEM} '/it'\\''s here/ca.pem' > '/it'\\''s here/all.pem'`, 'export REQUESTS_CA_BUNDLE=\'/it\'\\\'\'s here/all.pem\''
  ])
  for (const state of ['missing', 'another'] as const) {
    const elsewhere = facts({ at: { [PROXY]: governor(FILES) }, authority: { folder: '/governor', state, bundled: false } })
    t.same(fixOf('untrusted', findings('node', ways, elsewhere)), ['export NODE_EXTRA_CA_CERTS=\'/path/to/ca.pem\''], `${state}: a path that has to be filled in`)
  }
})

t.test('Debian\'s requests takes what the system trusts, and others do not', async (t) => {
  t.same(verdicts('python', ways, facts({ at: { [PROXY]: governor({ [SYSTEM]: 'trusted' }) } })), ['unknown trust_unseen'])
})

t.test('what has no effect is said', async (t) => {
  t.match(findings('node', { ...ways, TWILIO_CA_BUNDLE: 'good' }, given)[0], { sentence: /TWILIO_CA_BUNDLE has no effect/ })
  t.match(findings('node', { ...ways, NODE_TLS_REJECT_UNAUTHORIZED: '0' }, given)[1], { verdict: 'advice', code: 'verification_off', fix: ['unset NODE_TLS_REJECT_UNAUTHORIZED', /NODE_EXTRA_CA_CERTS/] })
})

t.test('versions of twilio-python before 8 do not look at REQUESTS_CA_BUNDLE', async (t) => {
  const old = facts({ at: { [PROXY]: governor(FILES) }, versions: { python: '7.17.0' } })
  const found = findings('python', { ...ways, REQUESTS_CA_BUNDLE: 'good' }, old)
  t.match(found, [{ verdict: 'unknown', code: 'trust_file_ignored', fix: [/session\.verify = 'good'/] }, { code: 'async_client' }])
  t.same(verdicts('python', { ...ways, REQUESTS_CA_BUNDLE: 'good' }, facts({ at: { [PROXY]: governor(FILES) }, versions: { python: '9.1.0' } })), ['through tunnel'])
})
