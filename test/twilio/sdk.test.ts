import fc from 'fast-check'
import t from 'tap'
import { holds } from './holds.ts'
import { sdkTimeoutMs } from '../../src/twilio/sdk.ts'

t.test('each SDK is known by its User-Agent', async t => {
  const cases: Array<[string, number]> = [
    ['twilio-go/1.30.9 (linux amd64) go/go1.22.1', 10_000],
    ['twilio-node/6.2.0 (linux x64) node/v20.19.0', 30_000],
    ['twilio-java/12.0.0 (Linux amd64) java/21 custom', 30_000],
    ['twilio-php/8.12.0 (Linux x86_64) PHP/8.3.1', 60_000],
    ['twilio-ruby/7.11.1 (linux-gnu x86_64) Ruby/3.3.0', 60_000],
    ['twilio-csharp/7.14.9 (Linux X64) .NET/8.0', 100_000],
    ['twilio-python/9.11.0 (Linux x86_64) Python/3.12.1', 60_000],
    ['twilio-cli/6.2.0 @twilio/cli-core/8.3.4 (linux x64) twilio-node/5.3.4 node/v20 api:core:messages:list', 30_000],
    ['@twilio-labs/plugin-serverless/3.2.1 @twilio/cli-core/8.3.4 (linux x64)', 30_000],
    ['  @twilio/cli-core/8.3.4 (linux x64)', 30_000]
  ]
  for (const [userAgent, expected] of cases) t.equal(sdkTimeoutMs(userAgent), expected, userAgent)
})

t.test('any other client is unknown', async t => {
  for (const userAgent of [undefined, '', 'curl/8.5.0', 'twilio-', 'twilio-node', 'twilio-rust/1.0', 'my-twilio-node/1.0', 'Go-http-client/1.1', 'twilio-/x']) {
    t.equal(sdkTimeoutMs(userAgent), undefined, String(userAgent))
  }
  holds(t, fc.property(fc.string({ unit: 'binary' }), (text) => [undefined, 10_000, 30_000, 60_000, 100_000].includes(sdkTimeoutMs(`twilio-${text}`))))
})
