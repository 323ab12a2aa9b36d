import { match } from '../match.ts'
import { section, shape } from '../section.ts'

const destinations = (description: string) => ({
  type: 'array',
  items: {
    type: 'string',
    pattern: '^(?:\\*|(?:[a-z]{2,20}:)?\\+[1-9][0-9]{0,9}|[a-z]{2,20}:)$',
    patternErrorMessage: 'must be the beginning of a number with its country, such as +44 or +1900, a channel, such as whatsapp:, both, or * for all other destinations'
  },
  minItems: 1,
  description
} as const)

export const spendCap = shape('Most sends in an interval.', {
  match,
  prefixes: destinations('Beginnings of the destinations that the cap counts. The longest that fits applies. If left out: all destinations.'),
  except: destinations('Beginnings of destinations that the cap does not count.'),
  max: {
    type: 'integer',
    minimum: 0,
    maximum: 1000000000,
    description: 'Most sends in any interval. 0 lets none through.'
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
    description: 'What has a count of its own. If left out: one count for all.'
  },
  mode: {
    type: 'string',
    enum: ['refuse', 'count'],
    description: 'What happens to sends above the cap: refuse answers 403, count sends them and only reports them. If left out: refuse.'
  }
}, 'max', 'intervalMs')

const CAP_NAME = '^[A-Za-z0-9_.-]{1,64}$'

export const guard = section('What may be sent at all. Caps on sends protect you from traffic pumping, which costs you money. Kill switches stop everything. See guard.md.', {
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
    description: 'Caps by name. A cap counts requests that send to somebody: a create with a To, such as a message, a call or a verification. Above its max in an interval, the proxy refuses them with 403.'
  },
  switchesFile: {
    type: ['string', 'null'],
    pattern: '^[^\\u0000-\\u001f\\u007f]+$',
    patternErrorMessage: 'must be the path of a file',
    default: null,
    examples: ['/var/lib/twilio-governor/switches.json'],
    description: 'File that stores kill switches over a restart. Its folder must be writable, and each proxy needs a folder of its own. null stores none, so a restart releases them all.'
  }
})
