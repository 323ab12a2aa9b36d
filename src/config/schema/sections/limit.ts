import { section } from '../section.ts'

const requests = { minimum: 1, maximum: 100000 } as const

export const limit = section('How many requests of one account may be in flight at once.', {
  algorithm: {
    type: 'string',
    enum: ['ceiling', 'aimd', 'fixed'],
    default: 'ceiling',
    description: 'How the proxy finds the limit: ceiling follows what Twilio reports and its 429s, aimd follows only the 429s, fixed stays at limit.fixed.'
  },
  mode: {
    type: 'string',
    enum: ['enforce', 'shadow', 'off'],
    default: 'enforce',
    description: 'What the proxy does with the limit: enforce queues requests above it, shadow only counts those that would have waited, off does neither. All three compute and export the limit.'
  },
  initial: {
    type: 'integer',
    ...requests,
    default: 10,
    description: 'Requests in flight allowed for a new account, from limit.min to limit.max. Raise it if you know that your accounts take more, to skip the climb after a start.'
  },
  min: {
    type: 'integer',
    ...requests,
    default: 1,
    description: 'Lowest value of the limit, in requests in flight. Raise it only if other clients of the account should give way to this one.'
  },
  max: {
    type: 'integer',
    ...requests,
    default: 10000,
    description: 'Highest value of the limit, in requests in flight. Lower it to leave part of the account to other clients.'
  },
  fixed: {
    type: 'integer',
    ...requests,
    default: 100,
    description: 'Requests in flight allowed if limit.algorithm is fixed. Use it if Twilio told you the ceiling of your accounts.'
  },
  probe: {
    type: 'number',
    default: 1,
    minimum: 0.25,
    maximum: 4,
    description: 'Factor on the number of successes between two attempts to raise the limit. A lower factor finds a raised ceiling sooner, but gets more 429s from Twilio, which the proxy retries.'
  },
  announcements: {
    type: 'boolean',
    default: true,
    description: 'Whether the proxy obeys the limit that Twilio announces for a route (X-Rate-Limit headers of TaskRouter and Intelligence) and the waits that it asks for. With false, only its 429s slow a route. Use false, for instance, if Twilio counts a limit by workspace and you use many.'
  }
})
