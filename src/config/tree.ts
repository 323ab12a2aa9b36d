/** Plain operations on the tree of settings while it is still untrusted. */
import { settingsNode } from './schema/leaves.ts'
import type { SchemaNode } from './schema/node.ts'

export type Tree = Readonly<Record<string, unknown>>

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * A copy in which every missing key has its default and an empty section counts as missing.
 * What is wrong stays as it was, for the validation to see.
 */
export function withDefaults (value: unknown, node: SchemaNode = settingsNode): unknown {
  const { properties } = node
  if (properties === undefined) return value === undefined ? structuredClone(node.default) : value
  const given = value ?? {}
  if (!isTree(given)) return given
  const known = Object.entries(properties).map(([name, child]) =>
    [name, withDefaults(Object.hasOwn(given, name) ? given[name] : undefined, child)] as const)
  const unknown = Object.entries(given).filter(([name]) => !Object.hasOwn(properties, name))
  return Object.fromEntries([...known, ...unknown])
}

export function valueAt (tree: unknown, key: string): unknown {
  return key.split('.').reduce<unknown>(
    (node, name) => isTree(node) && Object.hasOwn(node, name) ? node[name] : undefined,
    tree
  )
}

/** A copy of the tree with one key replaced; the tree itself when the key's section is not a mapping. */
export function withValue (tree: unknown, key: string, value: unknown): unknown {
  if (!isTree(tree)) return tree
  const [name = '', ...rest] = key.split('.')
  return { ...tree, [name]: rest.length === 0 ? value : withValue(tree[name], rest.join('.'), value) }
}

/** A value with the way to it, one name or list index a step. */
export interface Place {
  readonly steps: readonly string[]
  readonly value: unknown
}

/** The place of a key in a mapping; its value is undefined when there is none. */
export const placeIn = ({ steps, value }: Place, name: string): Place =>
  ({ steps: [...steps, name], value: isTree(value) && Object.hasOwn(value, name) ? value[name] : undefined })

/** The places in a mapping or a list; none in anything else. */
export const placesIn = ({ steps, value }: Place): readonly Place[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).map(([name, item]) => ({ steps: [...steps, name], value: item as unknown }))
    : []

export function deepFreeze<T> (value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(deepFreeze)
  }
  return value
}
