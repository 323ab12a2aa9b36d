/** Sentences about what a value must be and what was found instead. */
import { isNullable, valueType, type SchemaNode } from './schema/node.ts'
import { shownNumber, shownText } from './shown.ts'
import { nearest } from './suggest.ts'

export function mustBe (node: SchemaNode): string {
  return isNullable(node) ? `${mustBeValue(node)}, or null` : mustBeValue(node)
}

/** The sentence about a value that is not accepted. */
export function refusal (value: unknown, node: SchemaNode): string {
  if (typeof value !== 'string') return `${mustBe(node)}; found ${found(value)}`
  if (node.enum === undefined) {
    return node.patternErrorMessage === undefined ? `${mustBe(node)}; found ${foundText(value, node)}` : mustBe(node)
  }
  // Words that have a sentence of their own are many: all of them are told only when none is close to what was found.
  const meant = node.patternErrorMessage === undefined ? undefined : nearest(value, node.enum)
  return meant === undefined
    ? `${mustBe(node)}; found ${foundText(value, node)}`
    : `${node.patternErrorMessage}; found ${foundText(value, node)}; did you mean ${meant}?`
}

function mustBeValue (node: SchemaNode): string {
  const { enum: words, patternErrorMessage: sentence } = node
  if (words !== undefined) return sentence === undefined ? `must be ${oneOf(words)}` : `${sentence}: ${oneOf(words)}`
  if (sentence !== undefined) return sentence
  switch (valueType(node)) {
    case 'integer': return `must be a whole number${range(node)}`
    case 'number': return `must be a number${range(node)}`
    case 'boolean': return 'must be true or false'
    case 'array': return node.minItems === undefined ? 'must be a list' : 'must be a list with something in it'
    case 'string': return 'must be text'
    default: return `must be a mapping ${contents(node)}`
  }
}

/** What a mapping holds. Its required keys have faults of their own. */
function contents ({ minProperties, properties, required = [] }: SchemaNode): string {
  return minProperties === undefined || required.length > 0
    ? 'of keys to values'
    : `with something in it (${oneOf(Object.keys(properties ?? {}))})`
}

function found (value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  switch (typeof value) {
    case 'number': return shownNumber(value)
    case 'boolean': return `the boolean ${value}`
    default: return Object.keys(value).length === 0 ? 'an empty mapping' : 'a mapping'
  }
}

/** The text itself is repeated only where a word or a number is due. Any other text may be a misplaced secret. */
function foundText (text: string, node: SchemaNode): string {
  const closed = node.enum !== undefined || ['integer', 'number', 'boolean'].includes(valueType(node) ?? '')
  return closed ? shownText(text) : 'text'
}

function oneOf (words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`
}

function range ({ minimum, maximum }: SchemaNode): string {
  return minimum === undefined || maximum === undefined ? '' : ` from ${minimum} to ${maximum}`
}
