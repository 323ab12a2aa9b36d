import { PATH_WORDS } from './route-words.ts'

const SUFFIXES = ['.json', '.xml', '.csv']
const MAX_SEGMENTS = 16
const HOLE = '/{}'
const ONE_RESOURCE = /\/{}(?:\.json|\.xml|\.csv)?$/

/** What may stand in a template for a segment, by the segment: every word, bare and with each suffix. */
const LITERALS: ReadonlyMap<string, string> = new Map(
  PATH_WORDS.flatMap((word) => ['', ...SUFFIXES].map((suffix) => [`${word}${suffix}`, `/${word}${suffix}`])))

const LONGEST_WORD = Math.max(...PATH_WORDS.map((word) => word.length))

/**
 * The template of a path: `/2010-04-01/Accounts/{}/Messages/{}.json`. The query and every segment that is not one of
 * Twilio's own path words are gone, so nothing a user chose is in it, be it a SID, a number, an address or a name.
 * At most 16 segments; whatever follows the fifteenth of a longer path is one `{}`. Empty segments are left out.
 */
export function routeTemplate (path: string): string {
  const query = path.indexOf('?')
  const end = query === -1 ? path.length : query
  let template = ''
  let count = 0
  let start = 0
  while (start < end) {
    let stop = path.indexOf('/', start)
    if (stop === -1 || stop > end) stop = end
    if (stop > start) {
      count++
      if (count === MAX_SEGMENTS && hasMore(path, stop, end)) return template + HOLE
      template += literalOrHole(path, start, stop)
    }
    start = stop + 1
  }
  return template === '' ? '/' : template
}

/**
 * Does a request make something new, such as a message or a call? A POST to one resource changes that one, and the same
 * change twice does no more than once.
 *
 * @param route a template as routeTemplate makes it, whatever stands before it
 */
export function isCreate (method: string, route: string): boolean {
  return method === 'POST' && !ONE_RESOURCE.test(route)
}

function literalOrHole (path: string, start: number, stop: number): string {
  const suffix = suffixBefore(path, stop)
  // A SID is longer than any word: no need to cut it out and look it up.
  const isWord = stop - start - suffix.length <= LONGEST_WORD
  return (isWord ? LITERALS.get(path.slice(start, stop)) : undefined) ?? HOLE + suffix
}

function suffixBefore (path: string, stop: number): string {
  if (path[stop - 5] !== '.' && path[stop - 4] !== '.') return ''
  return SUFFIXES.find((suffix) => path.endsWith(suffix, stop)) ?? ''
}

function hasMore (path: string, from: number, end: number): boolean {
  for (let i = from; i < end; i++) {
    if (path[i] !== '/') return true
  }
  return false
}
