import { section } from '../section.ts'

export const retry = section('What is sent again. A write that may have reached Twilio never is, except after a 429, which Twilio does not process.', {
  throttled: {
    type: 'boolean',
    default: true,
    description: 'Whether a request that Twilio refused with 429 is sent again until its deadline; false hands the 429 to the application.'
  },
  backoffBaseMs: {
    type: 'integer',
    default: 150,
    minimum: 1,
    maximum: 10000,
    description: 'Milliseconds up to which the wait before the first retry is drawn at random, doubling with each retry; raise it when outages should be met with fewer attempts.'
  },
  backoffMaxMs: {
    type: 'integer',
    default: 4000,
    minimum: 1,
    maximum: 60000,
    description: 'Milliseconds at which that doubling stops, at least retry.backoffBaseMs; raise it for gentler, slower recovery.'
  },
  readAttempts: {
    type: 'integer',
    default: 3,
    minimum: 1,
    maximum: 10,
    description: 'Most attempts of a GET, HEAD or DELETE that meets a 5xx, a broken connection or a timeout; 1 never repeats them.'
  },
  unsentAttempts: {
    type: 'integer',
    default: 5,
    minimum: 1,
    maximum: 20,
    description: 'Most attempts of any request that failed before a byte of it was sent (DNS, refused, TLS, connect timeout); 1 reports such a failure at once.'
  },
  budgetRatio: {
    type: 'number',
    default: 0.2,
    minimum: 0,
    maximum: 1,
    description: 'Retries after failures other than 429 that each request adds to the allowance; lower it to add less load to a Twilio in trouble.'
  },
  budgetMin: {
    type: 'integer',
    default: 20,
    minimum: 0,
    maximum: 10000,
    description: 'Retries of that allowance that are in hand without any traffic before; lower it to give up sooner when there is little traffic.'
  }
})

export const duplicates = section('A create, such as a message or a call, that comes again after one of which nobody knows whether Twilio processed it.', {
  mode: {
    type: 'string',
    enum: ['off', 'count', 'refuse'],
    default: 'count',
    description: 'count tells of it in the log and in the metrics and sends it; refuse answers 409 unless it carries Governor-Duplicate: allow; off looks for none.'
  },
  windowMs: {
    type: 'integer',
    default: 300000,
    minimum: 1000,
    maximum: 86400000,
    description: 'Milliseconds for which such a create is remembered; raise it to what your jobs take to try again.'
  }
})
