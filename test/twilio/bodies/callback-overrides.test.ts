import fc from 'fast-check'
import t from 'tap'
import { overrideFragment, withOverrides } from '../../../src/twilio/bodies/callback-overrides.ts'
import { holds } from '../holds.ts'

const NONE = { connectTimeoutMs: null, readTimeoutMs: null, totalTimeMs: null, retries: null, retryOn: [] } as const
const FRAGMENT = 'rc=3&rp=5xx,ct'
const ENCODED = '%23rc%3D3%26rp%3D5xx%2Cct'

/** Parameters of Twilio's that tell of something; docs/callbacks.md names them. */
const CALLBACKS = [
  'StatusCallback', 'RecordingStatusCallback', 'ConferenceStatusCallback', 'ConferenceRecordingStatusCallback', 'AmdStatusCallback', 'AsyncAmdStatusCallback',
  'MessageStatusCallback', 'SmsStatusCallback', 'CallbackUrl', 'StatusCallbackUrl', 'VoiceStatusCallbackUrl', 'CallStatusCallbackUrl', 'DequeueStatusCallbackUrl',
  'CommandsCallbackUrl', 'EventCallbackUrl', 'DeliveryCallbackUrl', 'AssignmentCallbackUrl', 'FallbackAssignmentCallbackUrl', 'InterceptCallbackUrl',
  'OutOfSessionCallbackUrl', 'DeauthorizeCallbackUrl'
]
/** Those that say how something goes on, or are no callbacks at all. */
const ANSWERING = [
  'Url', 'FallbackUrl', 'VoiceUrl', 'VoiceFallbackUrl', 'SmsUrl', 'SmsFallbackUrl', 'WaitUrl', 'HoldUrl', 'AnnounceUrl', 'InboundRequestUrl', 'WebhookUrl',
  'PreWebhookUrl', 'PostWebhookUrl', 'Configuration.Url', 'SmsCommandsUrl', 'IpCommandsUrl', 'DisasterRecoveryUrl', 'MediaUrl', 'StatusCallbackEvent', 'StatusCallbackMethod'
]

t.test('the fragment has what is overridden, and is none where nothing is', async (t) => {
  t.equal(overrideFragment(NONE), undefined)
  t.equal(overrideFragment({ ...NONE, retries: 0 }), 'rc=0')
  t.equal(overrideFragment({ connectTimeoutMs: 2000, readTimeoutMs: 5000, totalTimeMs: 14000, retries: 3, retryOn: ['5xx', 'ct'] }), 'ct=2000&rt=5000&tt=14000&rc=3&rp=5xx,ct')
})

t.test('it is added to each callback URL that has none, and to nothing else', async (t) => {
  const url = 'https%3A%2F%2Fshop.example%2Fstatus%3Fid%3D1'
  for (const name of CALLBACKS) {
    t.equal(withOverrides(`To=%2B1&${name}=${url}&Body=a`, FRAGMENT), `To=%2B1&${name}=${url}${ENCODED}&Body=a`, name)
  }
  for (const name of ANSWERING) t.equal(withOverrides(`${name}=${url}`, FRAGMENT), undefined, name)
  for (const pair of [
    'StatusCallbackMethod=POST', `StatusCallbackEvent=${url}`, 'StatusCallback=', 'StatusCallback', `StatusCallback=${url}%23rc%3D1`,
    'StatusCallback=https://shop.example/#rc=1', 'StatusCallback=%2Frelative', `Body=StatusCallback%3D${url}`
  ]) t.equal(withOverrides(pair, FRAGMENT), undefined, pair)
})

t.test('what a form decodes to differs in those URLs alone', async (t) => {
  const pair = fc.tuple(fc.constantFrom('StatusCallback', 'Body', 'To', 'statuscallback'), fc.oneof(fc.webUrl({ withFragments: true }), fc.string()))
  holds(t, fc.property(fc.array(pair), (pairs) => {
    const form = new URLSearchParams(pairs).toString()
    const wanted = [...new URLSearchParams(form)].map(([name, value]) => /^statuscallback$/i.test(name) && /^https?:/i.test(value) && !value.includes('#') ? [name, `${value}#${FRAGMENT}`] : [name, value])
    return JSON.stringify([...new URLSearchParams(withOverrides(form, FRAGMENT) ?? form)]) === JSON.stringify(wanted)
  }))
})
