import type { Address } from '../address.ts'
import type { World } from '../model/world.ts'

/** One request, read whole. */
export interface Call extends Address {
  readonly method: string
  readonly account: string
  readonly params: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly world: World
}

export interface Reply {
  readonly status: number
  readonly contentType?: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Bytes to stream instead of a body. */
  readonly mediaBytes?: number
  /** What was created: the name of its collection, such as Messages. */
  readonly created?: string
}

const MAX_PARAMS = 200

/** The parameters of a form or of a JSON object; what is neither has none. */
export function paramsOf (contentType: string, body: Buffer): Readonly<Record<string, string>> {
  if (body.length === 0) return {}
  if (contentType.includes('json')) return fromJson(body.toString('utf8'))
  if (!contentType.includes('x-www-form-urlencoded') && contentType !== '') return {}
  return Object.fromEntries([...new URLSearchParams(body.toString('utf8'))].slice(0, MAX_PARAMS))
}

function fromJson (text: string): Readonly<Record<string, string>> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return {}
    return Object.fromEntries(Object.entries(value).slice(0, MAX_PARAMS)
      .map(([key, inner]) => [key, typeof inner === 'string' ? inner : JSON.stringify(inner)]))
  } catch {
    return {}
  }
}
