import { ACCOUNT_SID } from '../names.ts'
import { section } from '../section.ts'

const accountSid = {
  pattern: ACCOUNT_SID,
  patternErrorMessage: 'must be an account SID: AC and 32 hexadecimal digits'
} as const
// A mistyped API key must not pass for an OAuth client id, hence the (?!SK).
const CALLER = '^(?:SK[0-9a-fA-F]{32}|(?!SK)[A-Za-z0-9][A-Za-z0-9_.-]{0,127})$'

export const accounts = section('How requests are told apart by account, each with a limit of its own, and how accounts are named in metrics and logs.', {
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
    description: 'API key SID or OAuth client id to the SID of its account; needed when a key calls only hosts whose paths name no account, such as verify.twilio.com, and would get a limit of its own.'
  },
  max: {
    type: 'integer',
    default: 10000,
    minimum: 1,
    maximum: 1000000,
    description: 'Most accounts with a limit of their own at once, the longest idle giving way to a new one and newcomers sharing one limit when all are busy; raise it for a platform with more subaccounts.'
  },
  idleMs: {
    type: 'integer',
    default: 600000,
    minimum: 1000,
    maximum: 86400000,
    description: 'Milliseconds without a request after which an account and the limit found for it are forgotten; raise it when traffic pauses for long and should go on at the same limit.'
  },
  label: {
    type: 'string',
    enum: ['full', 'hashed'],
    default: 'full',
    description: 'How an account without an alias is named in metrics, logs and state: full is its SID, hashed a short digest for places where SIDs must not go.'
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
    description: 'Account SID to the name shown for it in metrics, logs and state, which wins over accounts.label; each name once, and none that looks like a SID.'
  },
  maxLabels: {
    type: 'integer',
    default: 100,
    minimum: 1,
    maximum: 10000,
    description: 'Most accounts named in metrics, logs and state, the rest being "other"; every account named adds time series to each scrape.'
  }
})
