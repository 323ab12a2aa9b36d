import { readFields, type BodyFields } from '../../twilio/bodies/body-field.ts'
import type { ReadField } from '../match.ts'
import type { Exchange } from '../exchange-state.ts'
import { headersOf } from '../forward/headers.ts'

/** Reads an exchange's body, once, and not before it is asked for; undefined where nobody can read it. */
export type ReadBody = () => BodyFields | undefined

export function bodyOf ({ body, identity: { rawHeaders } }: Exchange): ReadBody {
  let read: { readonly fields: BodyFields | undefined } | undefined
  return () => {
    read ??= {
      fields: readFields(body?.toString('utf8') ?? '', headersOf(rawHeaders, 'content-type'), isPacked(rawHeaders))
    }
    return read.fields
  }
}

export const fieldOf = (read: ReadBody): ReadField => (name) => read()?.values(name)

const isPacked = (rawHeaders: readonly string[]): boolean =>
  headersOf(rawHeaders, 'content-encoding').some((coding) => !/^\s*(?:identity)?\s*$/i.test(coding))
