/** An SDK's own retries: ours come before them, and stacked they multiply. */
import type { Facts } from '../facts.ts'
import { finding, NAMES, type Finding, type Sdk } from '../finding.ts'

/** How to turn them off. Those without any of their own have them around the call. */
const OFF: Readonly<Record<Sdk, readonly string[]>> = {
  node: ['twilio(accountSid, authToken, { autoRetry: false })  // in JavaScript'],
  'twilio-cli': [],
  python: ['TwilioHttpClient()  # in Python, without max_retries'],
  java: [
    '// in Java: new TwilioRestClient.Builder(user, password).httpClient(once)',
    'HttpClient once = new NetworkHttpClient(HttpClientBuilder.create().useSystemProperties().disableAutomaticRetries()) {',
    '  @Override public Response reliableRequest(Request request) { return makeRequest(request); }',
    '};'
  ],
  go: [],
  php: [],
  ruby: [],
  csharp: [],
  curl: ['# curl without --retry']
}

export function judgeRetries (sdk: Sdk, { stacked }: Facts): readonly Finding[] {
  const count = stacked[sdk] ?? 0
  if (count > 0) {
    const own = OFF[sdk].length > 0
    const whose = own ? '' : ` ${NAMES[sdk]} has no retries of its own, so look for them around the call.`
    return [finding(
      sdk,
      'advice',
      'stacked_retries',
      `The client retries on top of the proxy's retries: ${count} so far.${whose}`,
      OFF[sdk]
    )]
  }
  if (sdk !== 'java') return []
  return [finding(sdk, 'advice', 'own_retries',
    'twilio-java sends every request that meets a 5xx up to three times, messages too, and once more after a 429 or 503.', OFF.java)]
}
