import { section } from '../section.ts'

export const upstream = section('The connections to Twilio. The proxy always verifies TLS certificates.', {
  origin: {
    type: ['string', 'null'],
    pattern: '^https?://(?:\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?$',
    patternErrorMessage: 'must be an origin such as http://127.0.0.1:4010, without path, query or user name',
    default: null,
    examples: ['http://127.0.0.1:4010'],
    description: 'One origin that stands in for every Twilio host, for tests against the simulator. The Host header still names the host that the client asked for. null is the real Twilio.'
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
    description: 'API hosts of Twilio that are newer than this version. The first label of a name stands for every edge and region, a whole name under twilio.com for that host alone. The proxy refuses requests to an unknown host with 421.'
  },
  connectTimeoutMs: {
    type: 'integer',
    default: 5000,
    minimum: 100,
    maximum: 60000,
    description: 'Milliseconds that a new connection may take, for all addresses of the host and the TLS handshake. Raise it on slow links. The proxy retries a request that could not connect.'
  },
  headersTimeoutMs: {
    type: 'integer',
    default: 35000,
    minimum: 1000,
    maximum: 300000,
    description: 'Milliseconds from the end of the request to the response headers. Keep it above 30000, after which Twilio gives up by itself. If it is lower, the outcome of a write may stay unknown.'
  },
  bodyTimeoutMs: {
    type: 'integer',
    default: 60000,
    minimum: 1000,
    maximum: 600000,
    description: 'Milliseconds of silence allowed within a response body. Raise it if long exports or recordings stall and break off.'
  },
  keepAliveMs: {
    type: 'integer',
    default: 4000,
    minimum: 1,
    maximum: 600000,
    description: 'Most milliseconds that an idle connection stays open for the next request. Twilio may ask for less, but not for more. A longer time saves TLS handshakes. With too long a time, requests meet connections that Twilio has already closed.'
  },
  maxConnectionsPerHost: {
    type: 'integer',
    default: 1024,
    minimum: 1,
    maximum: 65535,
    description: 'Most connections open to one Twilio host at once, over all accounts. Keep it above the sum of the limits that you expect. Lower it where file descriptors are scarce.'
  },
  proxy: {
    type: ['string', 'null'],
    pattern: '^(?:environment|https?://(?:[^\\s/?#@]+@)?(?:\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?/?)$',
    patternErrorMessage: 'must be the URL of an http or https proxy, such as http://proxy.example:3128, or environment',
    default: null,
    examples: ['http://proxy.example:3128'],
    description: 'Egress proxy that tunnels connections to Twilio (CONNECT). environment takes it from HTTPS_PROXY and NO_PROXY. With any other value the proxy ignores these variables. The URL may hold a user name and a password, which the proxy never shows.'
  },
  proxyCredentialsFile: {
    type: ['string', 'null'],
    pattern: '^[^\\u0000]+$',
    patternErrorMessage: 'must be the path of a file',
    default: null,
    examples: ['/run/secrets/egress-proxy'],
    description: 'File with user:password for upstream.proxy in its first line, such as a mounted secret. A relative path starts at the working directory.'
  },
  caFile: {
    type: ['string', 'null'],
    pattern: '^[^\\u0000-\\u001f\\u007f]+$',
    patternErrorMessage: 'must be the path of a PEM file',
    default: null,
    examples: ['/etc/ssl/company-ca.pem'],
    description: 'PEM file of certificate authorities to trust in addition to the built-in ones, for a company\'s TLS inspection. A relative path starts at the working directory.'
  }
})

export const body = section('Request bodies. The proxy holds them in memory until Twilio has answered, so that it can send them again.', {
  maxBytes: {
    type: 'integer',
    default: 10485760,
    minimum: 1024,
    // A form is looked into as one string, and V8 has none of more than 512 MiB.
    maximum: 512000000,
    description: 'Most bytes of one request body. The proxy refuses a larger one with 413. Raise it for large uploads.'
  },
  maxWaitingBytes: {
    type: 'integer',
    default: 134217728,
    minimum: 1024,
    maximum: 1073741824,
    description: 'Most bytes of request bodies in memory at once, over all queued requests and requests in flight. It must be at least body.maxBytes. Beyond it the proxy sheds requests with 429. Lower it in a small container.'
  },
  minBytesPerSecond: {
    type: 'integer',
    default: 240,
    minimum: 0,
    maximum: 1048576,
    description: 'Least speed at which a request body must arrive, in bytes per second. Pauses of up to 10 seconds do not count. The proxy answers a slower one with 408. Lower it for clients on very slow links. 0 turns it off.'
  }
})
