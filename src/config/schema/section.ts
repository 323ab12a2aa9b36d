import type { SchemaNode } from './node.ts'

/**
 * A mapping with known keys: it refuses any other, and none may be missing. Defaults are filled in before.
 */
export interface Section<Keys extends Readonly<Record<string, SchemaNode>>> {
  readonly type: 'object'
  readonly description: string
  readonly required: readonly string[]
  readonly additionalProperties: false
  readonly properties: Keys
}

export const section = <const Keys extends Readonly<Record<string, SchemaNode>>>(
  description: string,
  keys: Keys
): Section<Keys> =>
    ({ type: 'object', description, required: Object.keys(keys), additionalProperties: false, properties: keys })

/**
 * A mapping within a list or a map of the settings: what is not required may be left out, and has no default in the
 * tree.
 */
export interface Shape<Keys extends Readonly<Record<string, SchemaNode>>, Required extends readonly string[]> {
  readonly type: 'object'
  readonly description: string
  readonly required: Required
  readonly additionalProperties: false
  readonly minProperties: 1
  readonly properties: Keys
}

export const shape = <
  const Keys extends Readonly<Record<string, SchemaNode>>,
  const Required extends ReadonlyArray<keyof Keys & string> = readonly []
>(
    description: string, keys: Keys, ...required: Required
  ): Shape<Keys, Required> =>
    ({ type: 'object', description, required, additionalProperties: false, minProperties: 1, properties: keys })
