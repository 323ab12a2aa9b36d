import { ACCOUNT_SID } from '../names.ts'
import { headFacts } from '../match.ts'
import { section, shape } from '../section.ts'

const NAME = '^[A-Za-z0-9_.-]{1,64}$'
const NAME_MESSAGE = 'must be a name of 1 to 64 letters, digits, dots, hyphens or underscores'
const account = {
  type: 'string', pattern: ACCOUNT_SID, patternErrorMessage: 'must be an account SID: AC and 32 hexadecimal digits'
} as const
const path = {
  type: 'string', pattern: '^[^\\u0000-\\u001f\\u007f]+$', patternErrorMessage: 'must be the path of a file'
} as const

export const credential = shape('A credential of Twilio that the proxy holds.', {
  account: { ...account, description: 'SID of the account that it is for.' },
  region: {
    type: 'string',
    pattern: '^[a-z]{2}[0-9]{1,2}$',
    patternErrorMessage: 'must be a region such as ie1',
    description: 'Region that it is for; left out: us1.'
  },
  products: {
    ...headFacts.products,
    description: 'Products that it is for; left out: all that have no credential of their own.'
  },
  type: {
    type: 'string',
    enum: ['basic', 'oauth'],
    description: 'What it is: an API key or an Auth Token (basic), or an OAuth client, for which the proxy gets access tokens from oauth.twilio.com. Left out: basic.'
  },
  user: {
    type: 'string',
    pattern: '^[A-Za-z0-9_.-]{1,128}$',
    patternErrorMessage: 'must be the SID of an API key or account, or the id of an OAuth client',
    description: 'SID of the API key or of the account, or id of the OAuth client; left out: it stands before the secret, with a colon between them.'
  },
  file: {
    ...path,
    description: 'File with the secret, such as a secret of Docker or Kubernetes. The proxy sees within a second that you replaced it.'
  },
  variable: {
    type: 'string',
    pattern: '^[A-Za-z_][A-Za-z0-9_]{0,127}$',
    patternErrorMessage: 'must be the name of a variable of the environment',
    description: 'Variable of the environment with the secret, in place of a file.'
  }
}, 'account')

export const caller = shape('What a caller gets.', {
  credentials: {
    type: 'string',
    enum: ['broker', 'own'],
    description: 'Which credential goes to Twilio: one that the proxy holds (broker), or the one that the caller sends (own). Left out: broker.'
  },
  account: { ...account, description: 'Account that it asks for where neither its user name nor the path names one.' }
})

const named = (description: string) => ({
  default: {},
  additionalProperties: false,
  propertyNames: { pattern: NAME, patternErrorMessage: NAME_MESSAGE },
  description
} as const)

export const access = section('Who may use the proxy, and what goes to Twilio for them. With a file of tokens, applications show a token of the proxy in place of a Twilio secret. See access.md.', {
  tokensFile: {
    type: ['string', 'null'],
    pattern: path.pattern,
    patternErrorMessage: path.patternErrorMessage,
    default: null,
    examples: ['/var/lib/twilio-governor/tokens.json'],
    description: 'File of tokens, which "twilio-governor token new" writes. It holds their digests, never a token. null knows no tokens.'
  },
  required: {
    type: 'boolean',
    default: false,
    description: 'Whether a request without a token is refused with 401.'
  },
  callers: {
    type: 'object',
    patternProperties: { [NAME]: caller },
    ...named('Name of a caller to what it gets. A caller with a token and without an entry here uses the credentials of the proxy.'),
    examples: [{ signup: { account: 'AC00000000000000000000000000000001' } }]
  },
  credentials: {
    type: 'object',
    patternProperties: { [NAME]: credential },
    ...named('Name to a credential of Twilio that the proxy sends for callers with a token. Of those of one account the first that Twilio accepts is used.'),
    examples: [{ shop: { account: 'AC00000000000000000000000000000001', file: '/run/secrets/twilio-api-key' } }]
  }
})
