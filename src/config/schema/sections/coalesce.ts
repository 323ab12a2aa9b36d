import { headFacts } from '../match.ts'
import { section, shape } from '../section.ts'

const { products, routes, callers, accounts, query } = headFacts
const RULE_NAME = '^[A-Za-z][A-Za-z0-9_-]{0,31}$'

export const coalesce = section('Reads that need not be asked for twice.', {
  inFlight: {
    type: 'boolean',
    default: true,
    description: 'Whether identical GETs (account, credential, URL, class, headers but those that only name a request) that are on their way at once share one call to Twilio; false sends each.'
  },
  cache: {
    type: 'object',
    patternProperties: {
      [RULE_NAME]: shape('Reads whose answers are kept for a short time.', {
        match: shape(
          'Which GETs are meant: all that is named must hold.',
          { products, routes, callers, accounts, query },
          'routes'
        ),
        ttlMs: {
          type: 'integer',
          minimum: 100,
          maximum: 300000,
          description: 'Milliseconds for which an answer is given without asking Twilio; no longer than the application can do with what was true so long ago.'
        }
      }, 'match', 'ttlMs')
    },
    default: {},
    additionalProperties: false,
    propertyNames: {
      pattern: RULE_NAME,
      patternErrorMessage: 'must be a name of 1 to 32 letters, digits, hyphens or underscores that begins with a letter'
    },
    examples: [{ lookups: { match: { products: ['lookups'], routes: ['/v2/PhoneNumbers/{}'] }, ttlMs: 60000 } }],
    description: 'GETs whose answers are kept for a short time, by a name of your own, the first that matches counting; only for what may be that old, since changes that do not go through this proxy are not seen.'
  },
  cacheMaxBytes: {
    type: 'integer',
    default: 16777216,
    minimum: 65536,
    maximum: 1073741824,
    description: 'Most bytes of memory for all answers that are kept, what was asked for least lately giving way; raise it when answers are asked for again before their time is up.'
  }
})
