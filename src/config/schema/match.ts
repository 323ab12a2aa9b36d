import { METHODS } from '../../twilio/methods.ts'
import { TRAFFIC_CLASSES } from '../../twilio/types.ts'
import { ACCOUNT_SID } from './names.ts'
import { shape } from './section.ts'

const words = (pattern: string, patternErrorMessage: string, description: string) => ({
  type: 'array',
  items: { type: 'string', pattern, patternErrorMessage },
  minItems: 1,
  description
} as const)

/** All that a match can ask for and that is known before the body is. */
export const headFacts = {
  products: {
    type: 'array',
    items: {
      type: 'string',
      pattern: '^[a-z][a-z0-9-]{0,62}$',
      patternErrorMessage: 'must be a product, the first label of its API host, in lower case'
    },
    minItems: 1,
    description: 'Products: the first labels of their API hosts, such as verify.'
  },
  methods: {
    type: 'array',
    items: { type: 'string', enum: METHODS },
    minItems: 1,
    description: 'HTTP methods.'
  },
  routes: words('^/[^\\s?*]*\\*?$', 'must be a route as logs show it, without method and product: /2010-04-01/Accounts/{}/Messages.json; a * at its end stands for anything',
    'Routes as logs and /state show them, without method and product. A * at the end stands for anything.'),
  classes: {
    type: 'array',
    items: { type: 'string', enum: TRAFFIC_CLASSES },
    minItems: 1,
    description: 'Traffic classes.'
  },
  callers: words('^[A-Za-z0-9_.:-]{0,64}\\*?$', 'must be a name that Governor-Caller may have, or an address; a * at its end stands for anything',
    'Callers: the name in Governor-Caller, or else the address that a request comes from. A * at the end stands for anything.'),
  accounts: words(ACCOUNT_SID, 'must be an account SID: AC and 32 hexadecimal digits', 'Account SIDs.'),
  query: words(
    '^[A-Za-z0-9_.%-]{1,64}$',
    'must be the name of a query parameter',
    'Query parameters that a request must have, with any value.'
  )
} as const

export const match = shape('Which requests the rule matches: those that fit every key given here. A key left out fits every request.', {
  ...headFacts,
  fields: {
    type: 'object',
    patternProperties: { '^[A-Za-z0-9_.]{1,64}$': { type: 'string' } },
    additionalProperties: false,
    propertyNames: {
      pattern: '^[A-Za-z0-9_.]{1,64}$',
      patternErrorMessage: 'must be the name of a field, such as From'
    },
    description: 'Fields of the body (a form or JSON) and their values. A * at the end stands for anything.'
  }
})
