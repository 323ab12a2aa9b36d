import { section } from '../section.ts'

const requests = { minimum: 1, maximum: 100000 } as const

export const limit = section('How many requests of one account may be in flight at Twilio at once.', {
  algorithm: {
    type: 'string',
    enum: ['ceiling', 'aimd', 'fixed'],
    default: 'ceiling',
    description: 'How the limit is found: ceiling follows what Twilio reports and refuses, aimd only the refusals, fixed stays at limit.fixed.'
  },
  mode: {
    type: 'string',
    enum: ['enforce', 'shadow', 'off'],
    default: 'enforce',
    description: 'What is done with the limit: enforce queues what is above it, shadow holds nothing back but counts what would have waited, off does neither. It is computed and exported in all three.'
  },
  initial: {
    type: 'integer',
    ...requests,
    default: 10,
    description: 'Requests in flight allowed for an account just met, from limit.min to limit.max; raise it when you know that your accounts take more, to spare the climb after a start.'
  },
  min: {
    type: 'integer',
    ...requests,
    default: 1,
    description: 'Requests in flight below which the limit never falls; raise it only if other clients of the account should give way to this one.'
  },
  max: {
    type: 'integer',
    ...requests,
    default: 10000,
    description: 'Requests in flight above which the limit never rises; lower it to leave part of the account to other clients.'
  },
  fixed: {
    type: 'integer',
    ...requests,
    default: 100,
    description: 'Requests in flight allowed when limit.algorithm is fixed; for accounts whose limit Twilio has told you.'
  },
  probe: {
    type: 'number',
    default: 1,
    minimum: 0.25,
    maximum: 4,
    description: 'Factor on the number of successes between two attempts to raise the limit; lower finds a raised limit sooner at the price of more 429s from Twilio, which are retried.'
  },
  announcements: {
    type: 'boolean',
    default: true,
    description: 'Whether a route is held to the limit that Twilio announces for it (X-Rate-Limit headers of TaskRouter and Intelligence) and to the waits that Twilio asks of it; false leaves routes to what their refusals show, for instance if Twilio counts a limit by workspace and you use many.'
  }
})
