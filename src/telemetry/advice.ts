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
  unused: `The client closed the connection before it sent a request. It probably does not trust our certificate. ${TRUST}`,
  wrong_name: 'The TLS handshake names another host than the CONNECT request.',
  tls_failed: 'The TLS handshake in the tunnel failed, or the client did not send one.'
}

const STACKED = 'The client retries failed requests by itself, on top of the proxy\'s retries.'

/** How each SDK is told to leave retries to the proxy. Their defaults: docs/adoption. */
export const STACKED_ADVICE: Readonly<Record<Sdk, string>> = {
  node: `${STACKED} Remove autoRetry and maxRetries from the code that makes the client.`,
  python: `${STACKED} Remove max_retries from the code that makes TwilioHttpClient or AsyncTwilioHttpClient.`,
  java: `${STACKED} twilio-java sends every request that meets a 5xx three times, messages too. Give TwilioRestClient an HttpClient whose reliableRequest sends once. Until then, set duplicates.mode to refuse.`,
  go: `${STACKED} twilio-go has no retries of its own: look for a retrying http.Client or a loop around the call.`,
  php: `${STACKED} twilio-php has no retries of its own: look for a loop or a queue around the call.`,
  ruby: `${STACKED} twilio-ruby has no retries of its own: look for Faraday's retry middleware or a loop around the call.`,
  csharp: `${STACKED} twilio-csharp has no retries of its own: look for a Polly policy or a DelegatingHandler around its HttpClient.`,
  'twilio-cli': `${STACKED} twilio-cli has no retries of its own: look for a loop around the command.`,
  other: `${STACKED} Let it send once, and give the request enough time with Governor-Timeout-Ms.`
}

const POLLING = 'The client asks Twilio for the same resource again and again, which costs concurrency.'

/** About a route whose resources are read over and over. */
export function pollingAdvice (product: Product, route: string): string {
  const callback = callbackFor(product, route)
  return callback === undefined
    ? `${POLLING} Twilio has no callback for it. Cache the answers for a short time with coalesce.cache, or for longer if it has the route already, or ask less often.`
    : `${POLLING} Let Twilio report changes instead: ${callback}.`
}
