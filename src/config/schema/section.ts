import { Type, type TObject, type TProperties } from 'typebox'

/** A mapping that refuses keys it does not know. */
export const section = <T extends TProperties>(description: string, keys: T): TObject<T> =>
  Type.Object(keys, { description, additionalProperties: false })
