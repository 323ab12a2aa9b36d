import { section } from '../section.ts'

const TIMEOUT = { minimum: 100, maximum: 15000 } as const

export const callbacks = section('How Twilio tries to reach your callbacks: connection overrides, added to URLs in forms that have none, where the parameter\'s name ends in Callback or CallbackUrl. Not to Url, VoiceUrl and the like, which say how a call or message is answered; never on signed requests. See callbacks.md.', {
  connectTimeoutMs: {
    type: ['integer', 'null'],
    minimum: 100,
    maximum: 10000,
    default: null,
    description: 'Milliseconds that Twilio waits for a connection (ct); null leaves Twilio\'s 5000. Lower it to come to a fallback URL sooner.'
  },
  readTimeoutMs: {
    type: ['integer', 'null'],
    ...TIMEOUT,
    default: null,
    description: 'Milliseconds that Twilio waits for the answer\'s first byte (rt); null leaves Twilio\'s 15000.'
  },
  totalTimeMs: {
    type: ['integer', 'null'],
    ...TIMEOUT,
    default: null,
    description: 'Milliseconds for all tries together (tt); null leaves Twilio\'s 15000.'
  },
  retries: {
    type: ['integer', 'null'],
    minimum: 0,
    maximum: 5,
    default: null,
    description: 'Tries after the first (rc), after what retryOn names; null leaves Twilio\'s 1. Raise it when status callbacks get lost while you deploy.'
  },
  retryOn: {
    type: 'array',
    items: { type: 'string', enum: ['4xx', '5xx', 'ct', 'rt', 'all'] },
    default: [],
    examples: [['5xx', 'ct', 'rt']],
    description: 'After what Twilio tries again (rp): an answer of 4xx or 5xx, no connection (ct), no answer in time (rt), or all; none leaves Twilio\'s ct.'
  }
})
