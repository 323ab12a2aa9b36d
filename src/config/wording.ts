/** Sentences about what a value must be and what was found instead. */
import { isNullable, type SchemaNode } from './schema/node.ts'

const MAX_ECHO = 40

/** Cuts what a stranger wrote to a length fit for a message. */
export const clip = (text: string): string => text.length <= MAX_ECHO ? text : `${text.slice(0, MAX_ECHO)}…`

export function mustBe (node: SchemaNode): string {
  return isNullable(node) ? `${mustBeValue(node)}, or null` : mustBeValue(node)
}

function mustBeValue (node: SchemaNode): string {
  if (node.patternErrorMessage !== undefined) return node.patternErrorMessage
  if (node.enum !== undefined) return `must be ${oneOf(node.enum)}`
  switch (node.type) {
    case 'integer': return `must be a whole number${range(node)}`
    case 'number': return `must be a number${range(node)}`
    case 'boolean': return 'must be true or false'
    case 'array': return node.minItems === undefined ? 'must be a list' : 'must be a list with something in it'
    case 'string': return 'must be text'
    default: return 'must be a mapping of keys to values'
  }
}

/** What was found. The text itself is repeated only where it can hardly be a secret. */
export function found (value: unknown, node: SchemaNode): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  switch (typeof value) {
    case 'number': return `the number ${value}`
    case 'boolean': return `the boolean ${value}`
    case 'string': return foundText(value, node)
    default: return 'a mapping'
  }
}

// Where a word or a number is due, showing what came instead helps. Any other text may be a misplaced secret.
function foundText (text: string, node: SchemaNode): string {
  const closed = node.enum !== undefined || node.type === 'integer' || node.type === 'number' || node.type === 'boolean'
  if (!closed) return 'text'
  return text.length <= MAX_ECHO ? `the text ${JSON.stringify(text)}` : `text of ${text.length} characters`
}

function oneOf (words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`
}

function range ({ minimum, maximum }: SchemaNode): string {
  return minimum === undefined || maximum === undefined ? '' : ` from ${minimum} to ${maximum}`
}
