import { match } from '../match.ts'
import { section, shape } from '../section.ts'

const destinations = (description: string) => ({
  type: 'array',
  items: {
    type: 'string',
    pattern: '^(?:\\*|(?:[a-z]{2,20}:)?\\+[1-9][0-9]{0,9}|[a-z]{2,20}:)$',
    patternErrorMessage: 'must be the beginning of a number with its country, such as +44 or +1900, a channel, such as whatsapp:, both, or * for whatever else there is'
  },
  minItems: 1,
  description
} as const)

export const spendCap = shape('Most sends in an interval.', {
  match,
  prefixes: destinations('Beginnings of the destinations meant, of which the longest counts; left out: all of them.'),
  except: destinations('Beginnings of destinations that are not meant.'),
  max: {
    type: 'integer',
    minimum: 0,
    maximum: 1000000000,
    description: 'Most sends in any interval; 0 lets none through.'
  },
  intervalMs: {
    type: 'integer',
    minimum: 1000,
    maximum: 2678400000,
    description: 'Milliseconds of the interval, up to 31 days.'
  },
  per: {
    type: 'array',
    items: { type: 'string', enum: ['caller', 'account', 'prefix', 'country', 'destination'] },
    minItems: 1,
    description: 'What has a count of its own; left out: one count for all.'
  },
  mode: {
    type: 'string',
    enum: ['refuse', 'count'],
    description: 'What is done about sends above it: refuse, or count and only tell of them; left out: refuse.'
  }
}, 'max', 'intervalMs')

const CAP_NAME = '^[A-Za-z0-9_.-]{1,64}$'

export const guard = section('What may be sent at all: caps on sends, against traffic that is pumped up to cost you money, and switches that stop everything. See guard.md.', {
  caps: {
    type: 'object',
    patternProperties: { [CAP_NAME]: spendCap },
    default: {},
    additionalProperties: false,
    propertyNames: {
      pattern: CAP_NAME,
      patternErrorMessage: 'must be a name of 1 to 64 letters, digits, dots, hyphens or underscores'
    },
    examples: [{ abroad: { except: ['+1', '+44'], per: ['caller', 'country'], max: 50, intervalMs: 3600000 } }],
    description: 'Name to a cap on requests that send to somebody (a create with a To, such as a message, a call or a verification); above its most in an interval they are refused with 403.'
  },
  switchesFile: {
    type: ['string', 'null'],
    pattern: '^[^\\u0000-\\u001f\\u007f]+$',
    patternErrorMessage: 'must be the path of a file',
    default: null,
    examples: ['/var/lib/twilio-governor/switches.json'],
    description: 'File in which kill switches are kept over a restart, in a folder that the proxy may write to and that each proxy has for itself; null keeps none, and a restart releases them all.'
  }
})
