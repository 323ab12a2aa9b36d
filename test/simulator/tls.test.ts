import t from 'tap'
import { Agent, request } from 'undici'
import { createScenario } from '../../src/simulator/model/scenario.ts'
import { startSimulator } from '../../src/simulator/server.ts'
import { AUTHORIZATION } from './support.ts'

// Made for this test: self-signed, for 127.0.0.1.
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgS3CbRHoRfRigdQrl
PKuNRIqmCIZit7nSxSxVrnurbXGhRANCAAQei0Zg9z7Jv6Jm4xWBZESHdBUPU4Dr
yUJvD2BUp09LDaDwmVmE7zfAzgfKmwMF+vV9uB6UsCuwmorTWgUg1ys0
-----END PRIVATE KEY-----
`
const cert = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUSDGl7SDEGQ8mRjT2oGpnaawjP6owCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzIyMjM0OVoYDzIxMjYxMDMw
MjIyMzQ5WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQei0Zg9z7Jv6Jm4xWBZESHdBUPU4DryUJvD2BUp09LDaDwmVmE7zfA
zgfKmwMF+vV9uB6UsCuwmorTWgUg1ys0o28wbTAdBgNVHQ4EFgQUbsLbOJtdYDLe
uRpExnBZ0TjqfeYwHwYDVR0jBBgwFoAUbsLbOJtdYDLeuRpExnBZ0TjqfeYwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARhwR/AAABgglsb2NhbGhvc3QwCgYIKoZI
zj0EAwIDSAAwRQIhAJoOcew4745Eu1v1GOjLFg8nKk+yN3/13fTkDh6+DM5PAiBQ
zW8iXlnLJWRYPdDWsm6v8h8d7iMtCRv82pUvYsweJQ==
-----END CERTIFICATE-----
`

t.test('with a certificate it speaks HTTPS, and its connections break as plain ones do', async (t) => {
  const subject = await startSimulator({
    scenario: createScenario({ wireDelayMs: 0, latency: { medianMs: 0, p99Ms: 0 }, faults: [{ kind: 'reset_after', next: 1 }] }),
    tls: { key, cert }
  })
  const dispatcher = new Agent({ connect: { ca: cert } })
  t.teardown(async () => {
    await dispatcher.close()
    await subject.close()
  })
  t.match(subject.origin, /^https:\/\/127\.0\.0\.1:\d+$/)
  const ask = async (): Promise<number> => {
    const { statusCode, body } = await request(`${subject.origin}/verify/v2/Services`, { dispatcher, headers: { authorization: AUTHORIZATION } })
    await body.dump()
    return statusCode
  }
  await t.rejects(ask(), { code: /^(UND_ERR_SOCKET|ECONNRESET)$/ })
  t.equal(await ask(), 200)
  t.match(subject.stats(), { received: 2, processed: 2, faults: { reset_after: 1 } })
})
