import { TRAFFIC_CLASSES } from '../../../twilio/types.ts'
import { headFacts } from '../match.ts'
import { section, shape } from '../section.ts'

const weight = { minimum: 1, maximum: 1000 } as const

export const queue = section('The queue of each account. Requests wait there while the account is at its limit.', {
  maxWaiting: {
    type: 'integer',
    default: 20000,
    minimum: 0,
    maximum: 1000000,
    description: 'Most requests queued in one account, all classes together. Beyond it, the proxy sheds the least urgent with 429, first those of the caller with most requests queued. Lower it to get the 429 sooner. With 0, no request waits.'
  },
  classes: {
    type: 'array',
    items: shape('Gives the requests that it matches a class.', {
      match: shape(
        'Which requests the rule matches: those that fit every key given here. classes means the class that a request has without any rule.',
        headFacts
      ),
      class: { type: 'string', enum: TRAFFIC_CLASSES, description: 'The class that they get.' }
    }, 'match', 'class'),
    default: [],
    examples: [[{ match: { callers: ['signup'], products: ['api'] }, class: 'critical' }]],
    description: 'Rules that change the class of requests. The first that matches counts. The Governor-Class header of a request has precedence over all of them.'
  },
  weights: section('Each class\'s share of the freed slots while all classes wait. A class that waits alone gets all of them.', {
    critical: {
      type: 'integer',
      ...weight,
      default: 8,
      description: 'Share of Verify and of voice calls. Raise it if sign-in codes come late during campaigns.'
    },
    standard: {
      type: 'integer',
      ...weight,
      default: 4,
      description: 'Share of messages and other writes. Raise it if messages matter more than anything else.'
    },
    read: {
      type: 'integer',
      ...weight,
      default: 2,
      description: 'Share of fetches and lists. Raise it if people wait for pages that need them.'
    },
    bulk: {
      type: 'integer',
      ...weight,
      default: 1,
      description: 'Share of deletes and exports. Raise it if a clean-up has to be done by a certain hour.'
    }
  }),
  ageingMs: {
    type: 'integer',
    default: 10000,
    minimum: 0,
    maximum: 3600000,
    description: 'Milliseconds of waiting after which a class weighs twice as much, at most as much as the next heavier one. The lighter classes lose what it gains. The heaviest class never loses. Raise it if old bulk work comes too soon. 0 turns it off.'
  },
  minShare: {
    type: 'number',
    default: 0.02,
    minimum: 0,
    maximum: 0.25,
    description: 'Least part of the freed slots for each class that waits, independent of the weights. Raise it if a class with a small weight must make progress beside one with a large weight.'
  }
})

export const deadline = section('How long a request may take in all, with waiting and retries. After that the proxy answers by itself.', {
  defaultMs: {
    type: 'integer',
    default: 25000,
    minimum: 100,
    maximum: 600000,
    description: 'Milliseconds for a caller that sends no Governor-Timeout-Ms and is not an SDK with a known timeout. It may be at most deadline.maxMs. Keep it below the timeout of your HTTP client.'
  },
  maxMs: {
    type: 'integer',
    default: 600000,
    minimum: 100,
    maximum: 3600000,
    description: 'Most milliseconds that Governor-Timeout-Ms may ask for. Lower it so that no caller holds memory for long.'
  },
  sdkMarginMs: {
    type: 'integer',
    default: 1500,
    minimum: 0,
    maximum: 10000,
    description: 'Milliseconds that the proxy subtracts from the timeout of a Twilio SDK, so that its answer arrives before the SDK gives up. Raise it if applications are far from the proxy.'
  }
})
