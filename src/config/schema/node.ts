import { settingsSchema } from './settings.ts'

/** The part of JSON Schema that the settings use, as plain data to walk over. */
export interface SchemaNode {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly pattern?: string
  /** What the value must be, for people: "must be …". Editors show it as well. */
  readonly patternErrorMessage?: string
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>
  readonly propertyNames?: SchemaNode
  readonly items?: SchemaNode
}

export interface Leaf {
  /** Dotted path, such as `queue.weights.bulk`. */
  readonly key: string
  readonly node: SchemaNode
}

export const settingsNode = JSON.parse(JSON.stringify(settingsSchema)) as SchemaNode

/** Every key that holds a value, in the order of the schema. */
export function leaves (node: SchemaNode = settingsNode, prefix = ''): readonly Leaf[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const key = prefix + name
    return child.properties === undefined ? [{ key, node: child }] : leaves(child, `${key}.`)
  })
}

export const isNullable = (node: SchemaNode): boolean => Array.isArray(node.type) && node.type.includes('null')
