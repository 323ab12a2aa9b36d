import t from 'tap'
import { AUTHORIZATION } from '../../simulator/support.ts'
import { compare, MISSING, setStage } from './real-clients.ts'

t.test('base URLs: the verdict is what becomes of a request', async (t) => {
  const stage = await setStage(t)
  const { governor: { proxy }, foreign } = stage
  const named = proxy.replace('127.0.0.1', 'localhost')
  for (const client of ['node', 'python', 'curl'] as const) {
    t.test(client, { skip: MISSING[client] }, async (t) => {
      await compare(t, stage, client, {}, `${proxy}/api`)
      await compare(t, stage, client, {}, `${proxy}/example.com`)
      await compare(t, stage, client, { HTTP_PROXY: foreign, http_proxy: foreign }, `${proxy}/api`)
      await compare(t, stage, client, { HTTP_PROXY: proxy, http_proxy: proxy }, `${proxy}/api`)
      await compare(t, stage, client, { HTTP_PROXY: foreign, http_proxy: foreign, NO_PROXY: '127.0.0.0/8' }, `${proxy}/api`)
      await compare(t, stage, client, {}, `${foreign}/api`)
    })
  }
  for (const client of ['node', 'python'] as const) {
    t.test(`${client}, with a region`, { skip: MISSING[client] }, async (t) => {
      await compare(t, stage, client, { TWILIO_REGION: 'au1' }, `${proxy}/api`)
      await compare(t, stage, client, { TWILIO_REGION: 'au1', TWILIO_EDGE: 'sydney' }, `${named}/api`)
    })
  }
})

t.test('next pages of other products lead past a base URL, and through a tunnel', async (t) => {
  const stage = await setStage(t)
  const { governor: { proxy }, ca } = stage
  for (let i = 0; i < 3; i++) await fetch(`${proxy}/verify/v2/Services`, { method: 'POST', headers: { authorization: AUTHORIZATION }, body: new URLSearchParams({ FriendlyName: `shop ${i}` }) })
  for (const client of ['node', 'python'] as const) {
    t.test(client, { skip: MISSING[client] }, async (t) => {
      await compare(t, stage, client, {}, `${proxy}/verify`, 'verify')
      await compare(t, stage, client, { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NODE_EXTRA_CA_CERTS: ca, REQUESTS_CA_BUNDLE: ca, NO_PROXY: '127.0.0.1' }, `${proxy}/verify`, 'verify')
    })
  }
})
