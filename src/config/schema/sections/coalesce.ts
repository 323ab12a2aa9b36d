import { headFacts } from '../match.ts'
import { section, shape } from '../section.ts'

const { products, routes, callers, accounts, query } = headFacts
const RULE_NAME = '^[A-Za-z][A-Za-z0-9_-]{0,31}$'

export const coalesce = section('Reads that share one call to Twilio or get a cached answer.', {
  inFlight: {
    type: 'boolean',
    default: true,
    description: 'Whether identical GETs that are in flight at the same time share one call to Twilio. Identical means the same account, credential, URL, class and headers, except headers that only name a request. false sends each.'
  },
  cache: {
    type: 'object',
    patternProperties: {
      [RULE_NAME]: shape('Reads whose answers the proxy caches for a short time.', {
        match: shape(
          'Which GETs the rule matches: those that fit every key given here.',
          { products, routes, callers, accounts, query },
          'routes'
        ),
        ttlMs: {
          type: 'integer',
          minimum: 100,
          maximum: 300000,
          description: 'Milliseconds for which the proxy answers from its cache without asking Twilio. Choose the greatest age of an answer that your application accepts.'
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
    description: 'GETs whose answers the proxy caches for a short time, each rule under a name of your own. The first rule that matches counts. The proxy does not see changes that bypass it, so name only reads that may be that old.'
  },
  cacheMaxBytes: {
    type: 'integer',
    default: 16777216,
    minimum: 65536,
    maximum: 1073741824,
    description: 'Most bytes of memory for all cached answers. The least recently used answer is removed first. Raise it if answers are removed before their time is up.'
  }
})
