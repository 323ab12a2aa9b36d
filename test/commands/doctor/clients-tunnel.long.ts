import t from 'tap'
import { compare, MISSING, setStage, type Client, type Environment } from './real-clients.ts'

t.test('tunnels: the verdict on an environment is what becomes of a request in it', async (t) => {
  const stage = await setStage(t)
  const { governor: { proxy: P }, ca, other, bundle, foreign } = stage
  const bare = P.replace('http://', '')
  const believed: Readonly<Record<Client, Environment>> = { node: { NODE_EXTRA_CA_CERTS: ca }, python: { REQUESTS_CA_BUNDLE: ca }, curl: { CURL_CA_BUNDLE: ca } }
  const variables: readonly Environment[] = [
    {}, { HTTP_PROXY: P }, { http_proxy: P }, { HTTPS_PROXY: P }, { https_proxy: P }, { ALL_PROXY: P },
    { https_proxy: '', HTTPS_PROXY: P }, { HTTP_PROXY: bare, HTTPS_PROXY: bare }, { HTTP_PROXY: P, HTTPS_PROXY: foreign }, { HTTP_PROXY: foreign, HTTPS_PROXY: P },
    { HTTP_PROXY: P, HTTPS_PROXY: P, NO_PROXY: '*' }
  ]
  const lists: readonly Environment[] = [
    ...['twilio.com', '.twilio.com', '*.twilio.com', 'api.twilio.com:443', 'io.com', 'localhost,127.0.0.1'].map((list) => ({ HTTP_PROXY: P, HTTPS_PROXY: P, NO_PROXY: list })),
    { HTTP_PROXY: P, HTTPS_PROXY: P, no_proxy: 'localhost', NO_PROXY: 'twilio.com' }
  ]
  const trust: Readonly<Record<Client, readonly Environment[]>> = {
    node: [
      {}, { NODE_EXTRA_CA_CERTS: other }, { NODE_EXTRA_CA_CERTS: bundle }, { NODE_EXTRA_CA_CERTS: '/no/such/file' }, { TWILIO_CA_BUNDLE: ca }, { SSL_CERT_FILE: ca },
      { SSL_CERT_FILE: ca, NODE_OPTIONS: '--use-openssl-ca' }
    ],
    python: [
      {}, { NODE_EXTRA_CA_CERTS: ca }, { SSL_CERT_FILE: ca }, { REQUESTS_CA_BUNDLE: other, CURL_CA_BUNDLE: ca }, { REQUESTS_CA_BUNDLE: ca, CURL_CA_BUNDLE: other },
      { CURL_CA_BUNDLE: bundle }, { REQUESTS_CA_BUNDLE: '/no/such/file' }
    ],
    curl: [{}, { REQUESTS_CA_BUNDLE: ca }, { SSL_CERT_FILE: ca }, { CURL_CA_BUNDLE: other, SSL_CERT_FILE: ca }, { CURL_CA_BUNDLE: bundle }, { CURL_CA_BUNDLE: '/no/such/file' }]
  }
  for (const client of ['node', 'python', 'curl'] as const) {
    t.test(client, { skip: MISSING[client] }, async (t) => {
      for (const env of [...variables, ...client === 'node' ? [] : lists]) await compare(t, stage, client, { ...believed[client], ...env })
      for (const env of trust[client]) await compare(t, stage, client, { HTTP_PROXY: P, HTTPS_PROXY: P, ...env })
    })
  }
  t.test('with a region', { skip: MISSING.python }, async (t) => {
    const env = { HTTP_PROXY: P, HTTPS_PROXY: P, ...believed.node, ...believed.python }
    for (const client of ['node', 'python'] as const) {
      await compare(t, stage, client, { ...env, TWILIO_REGION: 'ie1', TWILIO_EDGE: 'dublin' })
      await compare(t, stage, client, { ...env, TWILIO_REGION: 'ie1', TWILIO_EDGE: 'dub-lin-' })
    }
  })
})
