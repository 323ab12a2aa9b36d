/** What to do about clients that could fare better, in a sentence of the log. */
import type { Product } from '../twilio/types.ts'
import type { TunnelOutcome } from '../proxy/reasons.ts'
import { callbackFor } from '../twilio/callbacks.ts'
import type { Sdk } from '../twilio/sdk.ts'

const TRUST =
  'Point the client at the ca.pem of interception.caDir: NODE_EXTRA_CA_CERTS for Node, REQUESTS_CA_BUNDLE for Python, CURL_CA_BUNDLE for curl, SSL_CERT_FILE for Go, Ruby and .NET, curl.cainfo for PHP, a trust store for Java.'
/** About a tunnel that came to nothing. */
export const TUNNEL_ADVICE: Readonly<Partial<Record<TunnelOutcome, string>>> = {
  untrusted: `The client does not trust our certificate. ${TRUST}`,
  unused: `The client closed the connection before it sent a request, as one does that does not trust our certificate. ${TRUST}`,
  wrong_name: 'The TLS handshake names another host than the CONNECT request.',
  tls_failed: 'What came through the tunnel is not a TLS handshake that can be completed.'
}

const STACKED = 'The client sends again by itself what has failed here, on top of the retries of the proxy.'

/** How each SDK is told to leave retries to the proxy. Their defaults: docs/adoption. */
export const STACKED_ADVICE: Readonly<Record<Sdk, string>> = {
  node: `${STACKED} Leave out autoRetry and maxRetries where the client is made.`,
  python: `${STACKED} Leave out max_retries where TwilioHttpClient or AsyncTwilioHttpClient is made.`,
  java: `${STACKED} twilio-java sends anything three times that meets a 5xx, messages too: give TwilioRestClient an HttpClient whose reliableRequest sends once, and set duplicates.mode to refuse until then.`,
  go: `${STACKED} twilio-go has no retries of its own: look for a retrying http.Client or a loop around the call.`,
  php: `${STACKED} twilio-php has no retries of its own: look for a loop or a queue around the call.`,
  ruby: `${STACKED} twilio-ruby has no retries of its own: look for Faraday's retry middleware or a loop around the call.`,
  csharp: `${STACKED} twilio-csharp has no retries of its own: look for a Polly policy or a DelegatingHandler around its HttpClient.`,
  'twilio-cli': `${STACKED} twilio-cli has no retries of its own: look for a loop around the command.`,
  other: `${STACKED} Let it send once and allow it the time with Governor-Timeout-Ms.`
}

const POLLING = 'The same is asked of Twilio again and again, at the cost of concurrency.'

/** About a route whose resources are read over and over. */
export function pollingAdvice (product: Product, route: string): string {
  const callback = callbackFor(product, route)
  return callback === undefined
    ? `${POLLING} No callback tells of it: keep the answers for a short time with coalesce.cache, longer where it has the route already, or ask less often.`
    : `${POLLING} Twilio tells by itself: ${callback}.`
}
