import type { SchemaNode } from './node.ts'

/** A mapping whose keys are all known, refuses others, and of which none may be missing: defaults are filled in before. */
export interface Section<Keys extends Readonly<Record<string, SchemaNode>>> {
  readonly type: 'object'
  readonly description: string
  readonly required: readonly string[]
  readonly additionalProperties: false
  readonly properties: Keys
}

export const section = <const Keys extends Readonly<Record<string, SchemaNode>>>(description: string, keys: Keys): Section<Keys> =>
  ({ type: 'object', description, required: Object.keys(keys), additionalProperties: false, properties: keys })
