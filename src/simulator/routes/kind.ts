import type { Call } from './call.ts'
import type { Refusal } from '../model/answers/errors.ts'
import type { Fields, Resource } from '../model/resources.ts'

/** A sort of resource: what one looks like and how its collection behaves. */
export interface Kind {
  /** The SID's first two letters. */
  readonly prefix: string
  /** The fields beside sid, account_sid, dates and url or uri. */
  readonly make: (call: Call, at: Made) => Fields
  /** Why a create cannot be carried out. */
  readonly refuse?: (call: Call) => Refusal | undefined
  /** A fetch of what was never created finds nothing, instead of something plausible. */
  readonly strict?: boolean
  /** Nobody made it: it has neither SID nor account nor dates, and is what its name in the path says. */
  readonly named?: boolean
  /** A resource may also be fetched by this name. */
  readonly alias?: (resource: Resource, name: string) => boolean
}

export interface Made {
  readonly sid: string
  /** Path or address of the resource itself, without extension. */
  readonly self: string
  readonly now: string
  /** SIDs and names in the path, from the front. */
  readonly parents: readonly string[]
}

export const snake = (name: string): string =>
  name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll(/[-.]/g, '_').toLowerCase()

/** The request's own parameters as fields: what an unknown resource can be expected to repeat. */
export const echo = (call: Call): Fields =>
  Object.fromEntries(Object.entries(call.params).map(([name, value]) => [snake(name), value]))
