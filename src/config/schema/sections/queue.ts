import { TRAFFIC_CLASSES } from '../../../twilio/types.ts'
import { headFacts } from '../match.ts'
import { section, shape } from '../section.ts'

const weight = { minimum: 1, maximum: 1000 } as const

export const queue = section('What waits while an account is at its limit.', {
  maxWaiting: {
    type: 'integer',
    default: 20000,
    minimum: 0,
    maximum: 1000000,
    description: 'Most requests waiting in one account, all classes together; beyond it the least urgent are refused with 429, of them those of the caller with most waiting. Lower it to be told sooner, 0 to never wait.'
  },
  classes: {
    type: 'array',
    items: shape('A class for the requests that it matches.', {
      match: shape(
        'Which requests are meant: all that is named must hold; classes are those that requests have by themselves.',
        headFacts
      ),
      class: { type: 'string', enum: TRAFFIC_CLASSES, description: 'The class they get.' }
    }, 'match', 'class'),
    default: [],
    examples: [[{ match: { callers: ['signup'], products: ['api'] }, class: 'critical' }]],
    description: 'Classes other than a request would have by itself; the first that matches counts, and the Governor-Class header of a request comes before all of them.'
  },
  weights: section('Shares of the freed places that go to each class while all of them wait; a class alone gets everything.', {
    critical: {
      type: 'integer',
      ...weight,
      default: 8,
      description: 'Share of Verify and of voice calls; raise it when sign-in codes come late during campaigns.'
    },
    standard: {
      type: 'integer',
      ...weight,
      default: 4,
      description: 'Share of messages and other writes; raise it when messages matter more than all else.'
    },
    read: {
      type: 'integer',
      ...weight,
      default: 2,
      description: 'Share of fetches and lists; raise it when people wait for pages fed by them.'
    },
    bulk: {
      type: 'integer',
      ...weight,
      default: 1,
      description: 'Share of deletes and exports; raise it when a clean-up has to be done by a certain hour.'
    }
  }),
  ageingMs: {
    type: 'integer',
    default: 10000,
    minimum: 0,
    maximum: 3600000,
    description: 'Milliseconds of waiting after which a class weighs twice as much, at most as much as the next heavier one; what it gains the lighter classes lose, never the heaviest. Raise it, or set 0 for never, when old bulk work comes too soon.'
  },
  minShare: {
    type: 'number',
    default: 0.02,
    minimum: 0,
    maximum: 0.25,
    description: 'Least part of the freed places for each class that waits, whatever the weights; raise it when a class with a small weight must get on beside one with a large.'
  }
})

export const deadline = section('How long a request may take in all, waiting and retries included, before the proxy answers for it.', {
  defaultMs: {
    type: 'integer',
    default: 25000,
    minimum: 100,
    maximum: 600000,
    description: 'Milliseconds for a caller that sends no Governor-Timeout-Ms and is no SDK with a known timeout, at most deadline.maxMs; keep it below the timeout of your HTTP client.'
  },
  maxMs: {
    type: 'integer',
    default: 600000,
    minimum: 100,
    maximum: 3600000,
    description: 'Most milliseconds that Governor-Timeout-Ms may ask for; lower it so that no caller holds memory for long.'
  },
  sdkMarginMs: {
    type: 'integer',
    default: 1500,
    minimum: 0,
    maximum: 10000,
    description: 'Milliseconds taken off the timeout of a Twilio SDK, so that the answer is there before the SDK gives up; raise it when applications are far from the proxy.'
  }
})
