import { ADDRESS, HOST_NAME } from '../names.ts'
import { section } from '../section.ts'

const port = { minimum: 0, maximum: 65535 } as const

export const listen = section('Where applications reach the proxy.', {
  host: {
    type: 'string',
    ...ADDRESS,
    default: '127.0.0.1',
    description: 'Address that the proxy listens on. 0.0.0.0 or :: lets other machines and containers in. Use them only on a network that you trust.'
  },
  port: {
    type: 'integer',
    ...port,
    default: 8080,
    description: 'TCP port that the proxy listens on. 0 takes any free port, and the line "listening" on standard output names it.'
  },
  names: {
    type: 'array',
    items: { type: 'string', ...HOST_NAME },
    default: [],
    examples: [['twilio-governor.example.internal']],
    description: 'Further host names under which applications reach the proxy. List a name here if the proxy refuses requests to it as an unknown host.'
  },
  maxConnections: {
    type: ['integer', 'null'],
    minimum: 8,
    maximum: 1000000,
    default: null,
    examples: [2000],
    description: 'Most connections of clients at once. When all are taken, the client with most gives way. null is half of the file descriptors that the system allows, at most 16384. Raise the system\'s limit first.'
  },
  headersTimeoutMs: {
    type: 'integer',
    minimum: 1000,
    maximum: 120000,
    default: 10000,
    description: 'Milliseconds within which all headers of a request must arrive. A new connection must bring its first request within this time, too. Raise it for clients on very slow links.'
  },
  trustedProxies: {
    type: 'array',
    items: {
      type: 'string',
      pattern: '^(?:loopback|(?:[0-9]{1,3}(?:\\.[0-9]{1,3}){3}|[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)(?:/[0-9]{1,3})?)$',
      patternErrorMessage: 'must be an IP address, a network such as 10.0.0.0/8, or loopback'
    },
    default: [],
    examples: [['loopback', '10.0.0.0/8']],
    description: 'Proxies in front of this one, such as one that ends TLS. When this proxy rewrites page URLs, it believes their X-Forwarded-Proto, X-Forwarded-Host and Forwarded headers. It ignores those headers from everybody else.'
  },
  origins: {
    type: 'array',
    items: {
      type: 'string',
      pattern: '^https?://(?:\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?$',
      patternErrorMessage: 'must be an origin such as http://localhost:3000, without a path'
    },
    default: [],
    examples: [['http://localhost:3000']],
    description: 'Origins of web pages whose requests the proxy accepts. It refuses requests of all other pages, so that no page in a browser on this machine can use it.'
  },
  rewritePageUrls: {
    type: 'boolean',
    default: false,
    description: 'Whether the page URLs of lists (meta.next_page_url and the like) lead back to the proxy for clients that use it as a base URL. With false, twilio-node and twilio-python follow those URLs past the proxy.'
  }
})

export const admin = section('The server of metrics, health checks and state.', {
  host: {
    type: 'string',
    ...ADDRESS,
    default: '127.0.0.1',
    description: 'Address that the admin server listens on. Change it so that Prometheus or a kubelet can reach the server. It shows account SIDs and asks for no password.'
  },
  port: {
    type: 'integer',
    ...port,
    default: 9090,
    description: 'TCP port of the admin server. 0 takes any free port, and the line "listening" on standard output names it.'
  },
  names: {
    type: 'array',
    items: { type: 'string', ...HOST_NAME },
    default: [],
    examples: [['metrics.example.com']],
    description: 'More host names under which clients reach the admin server, in addition to listen.names. List a name here if the server refuses requests to it with 403. IP addresses, localhost, names without a dot and Kubernetes Service names with .svc need no entry.'
  },
  changesFrom: {
    type: 'string',
    enum: ['loopback', 'anywhere'],
    default: 'loopback',
    description: 'Who may change something, such as throw a kill switch: loopback is this machine, container or pod, anywhere is everybody who reaches the port.'
  },
  url: {
    type: ['string', 'null'],
    pattern: '^https?://(?:\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~-]+)*$',
    patternErrorMessage: 'must be a URL such as http://governor.internal:9090, without a slash at its end, query or user name',
    default: null,
    examples: ['http://governor.internal:9090'],
    description: 'Base URL under which applications reach the admin server. The Location of a deferred delete begins with it. null is the server\'s own address, which works only on the same machine.'
  }
})
