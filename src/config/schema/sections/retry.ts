import { section } from '../section.ts'

export const retry = section('What the proxy sends again. It never sends a write again that may have reached Twilio, except after a 429, because Twilio does not process those.', {
  throttled: {
    type: 'boolean',
    default: true,
    description: 'Whether the proxy sends a request that Twilio throttled with 429 again until its deadline. false hands the 429 to the application.'
  },
  backoffBaseMs: {
    type: 'integer',
    default: 150,
    minimum: 1,
    maximum: 10000,
    description: 'Longest wait before the first retry, in milliseconds. The wait is drawn at random between 0 and this, and the longest wait doubles with each retry. Raise it for fewer attempts during an outage.'
  },
  backoffMaxMs: {
    type: 'integer',
    default: 4000,
    minimum: 1,
    maximum: 60000,
    description: 'Milliseconds at which that doubling stops, at least retry.backoffBaseMs. Raise it for a gentler, slower recovery.'
  },
  readAttempts: {
    type: 'integer',
    default: 3,
    minimum: 1,
    maximum: 10,
    description: 'Most attempts of a GET, HEAD or DELETE that meets a 5xx, a broken connection or a timeout. With 1 the proxy never repeats them.'
  },
  unsentAttempts: {
    type: 'integer',
    default: 5,
    minimum: 1,
    maximum: 20,
    description: 'Most attempts of any request that failed before the proxy sent a byte of it (DNS, connection refused, TLS, connect timeout). With 1 the proxy reports such a failure at once.'
  },
  budgetRatio: {
    type: 'number',
    default: 0.2,
    minimum: 0,
    maximum: 1,
    description: 'Retries after failures other than 429 that each request adds to the retry budget. Lower it to add less load while Twilio has trouble.'
  },
  budgetMin: {
    type: 'integer',
    default: 20,
    minimum: 0,
    maximum: 10000,
    description: 'Retries that the retry budget holds before any traffic. Lower it to give up sooner when there is little traffic.'
  }
})

export const duplicates = section('A create, such as a message or a call, that repeats one whose outcome is unknown: Twilio may have processed it.', {
  mode: {
    type: 'string',
    enum: ['off', 'count', 'refuse'],
    default: 'count',
    description: 'count sends a duplicate and reports it in the log and the metrics. refuse answers it with 409, unless it has the header Governor-Duplicate: allow. off does not look for duplicates.'
  },
  windowMs: {
    type: 'integer',
    default: 300000,
    minimum: 1000,
    maximum: 86400000,
    description: 'Milliseconds for which the proxy remembers such a create. Raise it to the time after which your jobs try again.'
  }
})
