import { section } from '../section.ts'

export const upstream = section('The connections to Twilio. TLS certificates are always verified.', {
  origin: {
    type: ['string', 'null'],
    pattern: '^https?://(?:\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?$',
    patternErrorMessage: 'must be an origin such as http://127.0.0.1:4010, without path, query or user name',
    default: null,
    examples: ['http://127.0.0.1:4010'],
    description: 'One origin that stands in for every Twilio host, for tests against the simulator; the host that was asked for still travels in the Host header. null is the real Twilio.'
  },
  hosts: {
    type: 'array',
    items: {
      type: 'string',
      pattern: '^(?!v[0-9]+(?:\\.|$))[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?){0,4}\\.[Tt][Ww][Ii][Ll][Ii][Oo]\\.[Cc][Oo][Mm])?$',
      patternErrorMessage: 'must be the first label of an API host, such as newproduct, or a whole name under twilio.com'
    },
    default: [],
    examples: [['newproduct', 'other.us1.twilio.com']],
    description: 'API hosts of Twilio that are newer than this version: the first label of their names, for every edge and region, or a whole name under twilio.com, for that one. Requests to a host that nobody knows are refused with 421.'
  },
  connectTimeoutMs: {
    type: 'integer',
    default: 5000,
    minimum: 100,
    maximum: 60000,
    description: 'Milliseconds a new connection may take, with all addresses of the host and the TLS handshake; raise it on slow links. A request that could not connect is retried.'
  },
  headersTimeoutMs: {
    type: 'integer',
    default: 35000,
    minimum: 1000,
    maximum: 300000,
    description: 'Milliseconds from the request sent to the response headers; keep it above 30000, after which Twilio gives up by itself, or the outcome of a write may stay unknown.'
  },
  bodyTimeoutMs: {
    type: 'integer',
    default: 60000,
    minimum: 1000,
    maximum: 600000,
    description: 'Milliseconds of silence allowed within a response body; raise it when long exports or recordings stall and break off.'
  },
  keepAliveMs: {
    type: 'integer',
    default: 4000,
    minimum: 1,
    maximum: 600000,
    description: 'Most milliseconds an idle connection is kept for the next request; the other side may ask for less, not for more. Longer saves TLS handshakes, too long meets connections that the other side has already closed.'
  },
  maxConnectionsPerHost: {
    type: 'integer',
    default: 1024,
    minimum: 1,
    maximum: 65535,
    description: 'Most connections open to one Twilio host at once, over all accounts; keep it above the sum of the limits you expect, and lower it where file descriptors are scarce.'
  },
  proxy: {
    type: ['string', 'null'],
    pattern: '^(?:environment|https?://(?:[^\\s/?#@]+@)?(?:\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?/?)$',
    patternErrorMessage: 'must be the URL of an http or https proxy, such as http://proxy.example:3128, or environment',
    default: null,
    examples: ['http://proxy.example:3128'],
    description: 'Egress proxy through which connections to Twilio are tunnelled (CONNECT); environment takes that of HTTPS_PROXY and NO_PROXY, which are ignored otherwise. A user name and a password may stand in the URL, and are never shown.'
  },
  proxyCredentialsFile: {
    type: ['string', 'null'],
    pattern: '^[^\\u0000]+$',
    patternErrorMessage: 'must be the path of a file',
    default: null,
    examples: ['/run/secrets/egress-proxy'],
    description: 'File with user:password for upstream.proxy in its first line, such as a mounted secret; a relative path starts at the working directory.'
  },
  caFile: {
    type: ['string', 'null'],
    pattern: '^[^\\u0000-\\u001f\\u007f]+$',
    patternErrorMessage: 'must be the path of a PEM file',
    default: null,
    examples: ['/etc/ssl/company-ca.pem'],
    description: 'PEM file of certificate authorities to trust in addition to the built-in ones, for a company\'s TLS inspection; a relative path starts at the working directory.'
  }
})

export const body = section('Request bodies, which are kept in memory until Twilio has answered, so that they can be sent again.', {
  maxBytes: {
    type: 'integer',
    default: 10485760,
    minimum: 1024,
    // A form is looked into as one string, and V8 has none of more than 512 MiB.
    maximum: 512000000,
    description: 'Most bytes of one request body; a larger one is refused with 413. Raise it for large uploads.'
  },
  maxWaitingBytes: {
    type: 'integer',
    default: 134217728,
    minimum: 1024,
    maximum: 1073741824,
    description: 'Most bytes of request bodies held at once, over all requests that wait or are at Twilio, at least body.maxBytes; beyond it requests are refused with 429. Lower it in a small container.'
  },
  minBytesPerSecond: {
    type: 'integer',
    default: 240,
    minimum: 0,
    maximum: 1048576,
    description: 'Bytes per second at which a request body has to come, pauses of up to 10 seconds aside; a slower one is answered 408. Lower it for clients on very slow links, 0 turns it off.'
  }
})
