import type { Call } from './call.ts'
import type { Refusal } from '../model/answers/errors.ts'
import type { Resource } from '../model/resources.ts'

const DEFAULT_SIZE = 50
const MAX_SIZE = 1000

export const pageTooLarge: Refusal = { status: 400, code: 20007, message: 'Page size must not exceed 1000' }

export interface PageLinks {
  readonly number: number
  readonly size: number
  /** Path and query, from the root of the host. */
  readonly here: string
  readonly first: string
  readonly previous: string | null
  readonly next: string | null
}

export interface PageRequest {
  readonly number: number
  readonly size: number
  readonly after: string | undefined
  readonly links: (items: readonly Resource[], hasMore: boolean) => PageLinks
}

/** Reads Page, PageSize and PageToken; a token names the last resource of the page before. */
export function pageRequest (call: Call): PageRequest | Refusal {
  const query = new URLSearchParams(call.query)
  const size = numberIn(query, 'PageSize', DEFAULT_SIZE)
  const number = numberIn(query, 'Page', 0)
  if (size > MAX_SIZE) return pageTooLarge
  const token = query.get('PageToken') ?? ''
  const link = (page: number, after?: string): string => {
    const wanted = new URLSearchParams(query)
    wanted.set('PageSize', String(size))
    wanted.set('Page', String(page))
    if (after === undefined) wanted.delete('PageToken')
    else wanted.set('PageToken', `PA${after}`)
    return `${call.path}?${wanted.toString()}`
  }
  return {
    number,
    size: Math.max(1, size),
    after: token.startsWith('PA') ? token.slice(2) : undefined,
    links: (items, hasMore) => ({
      number,
      size,
      here: call.query === '' ? link(number) : `${call.path}?${call.query}`,
      first: link(0),
      previous: number === 0 ? null : link(number - 1),
      next: hasMore ? link(number + 1, items.at(-1)?.sid) : null
    })
  }
}

function numberIn (query: URLSearchParams, name: string, otherwise: number): number {
  const value = Number.parseInt(query.get(name) ?? '', 10)
  return Number.isFinite(value) && value >= 0 ? value : otherwise
}
