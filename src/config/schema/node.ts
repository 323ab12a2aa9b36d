type TypeName = 'string' | 'number' | 'integer' | 'boolean' | 'null' | 'array' | 'object'

/** The part of JSON Schema that the settings use, as plain data to walk over. */
export interface SchemaNode {
  readonly type?: TypeName | readonly TypeName[]
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
  readonly additionalProperties?: boolean
  readonly required?: readonly string[]
  readonly items?: SchemaNode
  readonly minProperties?: number
  readonly minItems?: number
}

/** The type of what a node accepts. */
export type ValueOf<Node> =
  Node extends { enum: ReadonlyArray<infer Word> } ? Word
    : Node extends { type: readonly [infer One, infer Other] } ? ValueOf<{ type: One }> | ValueOf<{ type: Other }>
      : Node extends { properties: infer Keys, required: infer Required } ? Fields<Keys, Required>
        : Node extends { patternProperties: Readonly<Record<string, infer Value>> } ? Readonly<Record<string, ValueOf<Value>>>
          : Node extends { items: infer Item } ? ReadonlyArray<ValueOf<Item>>
            : Node extends { type: 'string' } ? string
              : Node extends { type: 'number' | 'integer' } ? number
                : Node extends { type: 'boolean' } ? boolean
                  : Node extends { type: 'null' } ? null
                    : never

/** Each key of a section is there; of a shape, those that it requires. */
type Fields<Keys, Required> = string[] extends Required
  ? { readonly [Key in keyof Keys]: ValueOf<Keys[Key]> }
  : { readonly [Key in keyof Keys as Key extends Named<Required> ? Key : never]: ValueOf<Keys[Key]> } &
    { readonly [Key in keyof Keys as Key extends Named<Required> ? never : Key]?: ValueOf<Keys[Key]> }

type Named<Required> = Required extends ReadonlyArray<infer Name> ? Name : never

export const isNullable = ({ type }: SchemaNode): boolean => typeof type === 'object' && type.includes('null')

/** The type of a node's values, null aside. */
export const valueType = ({ type }: SchemaNode): TypeName | undefined =>
  typeof type === 'object' ? type.find((name) => name !== 'null') : type
