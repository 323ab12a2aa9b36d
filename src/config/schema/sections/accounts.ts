import { ACCOUNT_SID } from '../names.ts'
import { section } from '../section.ts'

const accountSid = {
  pattern: ACCOUNT_SID,
  patternErrorMessage: 'must be an account SID: AC and 32 hexadecimal digits'
} as const
// A mistyped API key must not pass for an OAuth client id, hence the (?!SK).
const CALLER = '^(?:SK[0-9a-fA-F]{32}|(?!SK)[A-Za-z0-9][A-Za-z0-9_.-]{0,127})$'

export const accounts = section('How the proxy finds the account of a request, and how metrics and logs name accounts. Each account has a limit of its own.', {
  map: {
    type: 'object',
    patternProperties: { [CALLER]: { type: 'string', ...accountSid } },
    default: {},
    additionalProperties: false,
    propertyNames: {
      pattern: CALLER,
      patternErrorMessage: 'must be an API key SID (SK and 32 hexadecimal digits) or an OAuth client id'
    },
    examples: [{ SK00000000000000000000000000000001: 'AC00000000000000000000000000000001' }],
    description: 'API key SID or OAuth client id, and the SID of its account. You need it for a key that calls only hosts whose paths name no account, such as verify.twilio.com. Without it, that key gets a limit of its own.'
  },
  max: {
    type: 'integer',
    default: 10000,
    minimum: 1,
    maximum: 1000000,
    description: 'Most accounts with a limit of their own at once. A new account takes the place of the longest idle one. If all are busy, new accounts share one limit. Raise it for a platform with more subaccounts.'
  },
  idleMs: {
    type: 'integer',
    default: 600000,
    minimum: 1000,
    maximum: 86400000,
    description: 'Milliseconds without a request after which the proxy forgets an account and its limit. Raise it if traffic pauses for long and should go on at the same limit.'
  },
  label: {
    type: 'string',
    enum: ['full', 'hashed'],
    default: 'full',
    description: 'How metrics, logs and state name an account without an alias: full is its SID, hashed is a short digest of it. Use hashed where SIDs must not appear.'
  },
  aliases: {
    type: 'object',
    patternProperties: {
      [ACCOUNT_SID]: {
        type: 'string',
        pattern: '^[A-Za-z0-9_.-]{1,64}$',
        patternErrorMessage: 'must be a name of 1 to 64 letters, digits, dots, hyphens or underscores'
      }
    },
    default: {},
    additionalProperties: false,
    propertyNames: accountSid,
    examples: [{ AC00000000000000000000000000000001: 'marketing' }],
    description: 'Account SID, and the name that metrics, logs and state show for it. The name has precedence over accounts.label. Each name must be unique, and must not look like a SID.'
  },
  maxLabels: {
    type: 'integer',
    default: 100,
    minimum: 1,
    maximum: 10000,
    description: 'Most accounts named in metrics, logs and state. The rest are "other". Every named account adds time series to each scrape.'
  }
})
