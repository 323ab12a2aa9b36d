import type { SchemaNode } from './node.ts'
import { settingsSchema } from './settings.ts'

export interface Leaf {
  /** Dotted path, such as `queue.weights.bulk`. */
  readonly key: string
  readonly node: SchemaNode
}

export const settingsNode: SchemaNode = settingsSchema

/** Every key that holds a value, in the order of the schema. */
export function leaves (node: SchemaNode = settingsNode, prefix = ''): readonly Leaf[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const key = prefix + name
    return child.properties === undefined ? [{ key, node: child }] : leaves(child, `${key}.`)
  })
}
