import { section } from '../section.ts'

const TIMEOUT = { minimum: 100, maximum: 15000 } as const

export const callbacks = section('How Twilio tries to reach your callbacks. The proxy adds connection overrides to URLs in forms, if the parameter\'s name ends in Callback or CallbackUrl and the URL has none. It leaves Url, VoiceUrl and the like alone, because they say how a call or message is answered. It never changes signed requests. See callbacks.md.', {
  connectTimeoutMs: {
    type: ['integer', 'null'],
    minimum: 100,
    maximum: 10000,
    default: null,
    description: 'Milliseconds that Twilio waits for a connection (ct). null leaves Twilio\'s 5000. Lower it to reach a fallback URL sooner.'
  },
  readTimeoutMs: {
    type: ['integer', 'null'],
    ...TIMEOUT,
    default: null,
    description: 'Milliseconds that Twilio waits for the answer\'s first byte (rt). null leaves Twilio\'s 15000.'
  },
  totalTimeMs: {
    type: ['integer', 'null'],
    ...TIMEOUT,
    default: null,
    description: 'Milliseconds for all tries together (tt). null leaves Twilio\'s 15000.'
  },
  retries: {
    type: ['integer', 'null'],
    minimum: 0,
    maximum: 5,
    default: null,
    description: 'Tries after the first (rc), when one fails as retryOn says. null leaves Twilio\'s 1. Raise it if status callbacks get lost while you deploy.'
  },
  retryOn: {
    type: 'array',
    items: { type: 'string', enum: ['4xx', '5xx', 'ct', 'rt', 'all'] },
    default: [],
    examples: [['5xx', 'ct', 'rt']],
    description: 'Failures after which Twilio tries again (rp): an answer of 4xx or 5xx, no connection (ct), no answer in time (rt), or all of them. An empty list leaves Twilio\'s ct.'
  }
})
