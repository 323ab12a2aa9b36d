import { percentDecoded } from './percent.ts'
import { PATH_WORDS } from './route-words.ts'
import { WORD_PAIRS } from './word-pairs.ts'

const SUFFIXES = ['.json', '.xml', '.csv'] as const
const SUFFIX_AT_END = /\.(?:json|xml|csv)$/
const MAX_SEGMENTS = 16
const HOLE = '/{}'
const ONE_RESOURCE = /\/{}(?:\.json|\.xml|\.csv)?$/

interface Literal {
  readonly word: string
  /** As it stands in a template, with its suffix. */
  readonly text: string
}

/** What may stand in a template for a segment, by the segment: every word, bare and with each suffix. */
const LITERALS: ReadonlyMap<string, Literal> = new Map(
  PATH_WORDS.flatMap(
    (word) => ['', ...SUFFIXES].map((suffix) => [`${word}${suffix}`, { word, text: `/${word}${suffix}` }])
  ))
/**
 * The same by the segment in lower case. Two words that differ in nothing but case have places of their own:
 * `Tollfree`, `account` and the like stand at the front of a path, `TollFree` and `Status` after what a user chose.
 */
const IN_FRONT: ReadonlyMap<string, Literal> = new Map(
  [...LITERALS].map(([segment, literal]) => [segment.toLowerCase(), literal] as const)
)
const FURTHER_BACK: ReadonlyMap<string, Literal> = new Map(
  [...LITERALS].map(([segment, literal]) => [segment.toLowerCase(), literal] as const).reverse()
)
/** By a word, those that may follow it at once, in lower case and as they are. */
const FOLLOWERS = new Map<string, Map<string, string>>()
for (const [word = '', next = ''] of WORD_PAIRS.map(
  (pair) => pair.split(' ')
)) FOLLOWERS.set(word, (FOLLOWERS.get(word) ?? new Map<string, string>()).set(next.toLowerCase(), next))

const LONGEST = Math.max(...PATH_WORDS.map((word) => word.length)) + '.json'.length

/**
 * The template of a path: `/2010-04-01/Accounts/{}/Messages/{}.json`. The query and every segment that is not one of
 * Twilio's own path words are gone, so nothing a user chose is in it, be it a SID, a number, an address or a name.
 * At most 16 segments; whatever follows the fifteenth of a longer path is one `{}`. Empty segments are left out.
 *
 * A word is known in any case and with any of its letters percent-encoded (RFC 3986, section 6.2.2): all spellings of a
 * path have one template. It is known where Twilio's paths have words: first and second, after what a user chose, and
 * after words that it may follow.
 */
export function routeTemplate (path: string): string {
  const query = path.indexOf('?')
  const end = query === -1 ? path.length : query
  let template = ''
  let count = 0
  let start = 0
  /** The word before, where only some may follow. */
  let before: string | undefined
  while (start < end) {
    let stop = path.indexOf('/', start)
    if (stop === -1 || stop > end) stop = end
    if (stop > start) {
      count++
      if (count === MAX_SEGMENTS && hasMore(path, stop, end)) return template + HOLE
      const segment = percentDecoded(path.slice(start, stop))
      const literal = segment.length <= LONGEST ? literalOf(segment, count <= 2, before) : undefined
      template += literal === undefined ? HOLE + suffixOf(segment) : literal.text
      before = count === 1 ? undefined : literal?.word
    }
    start = stop + 1
  }
  return template === '' ? '/' : template
}

/** A template without the suffix at its end, which asks for a format and not for another thing. */
export const bareRoute = (route: string): string => route.replace(SUFFIX_AT_END, '')

/**
 * Does a request make something new, such as a message or a call? A POST to one resource changes that one, and the same
 * change twice does no more than once.
 *
 * @param route a template as routeTemplate makes it, whatever stands before it
 */
export function isCreate (method: string, route: string): boolean {
  return method === 'POST' && !ONE_RESOURCE.test(route)
}

function literalOf (segment: string, inFront: boolean, before: string | undefined): Literal | undefined {
  const literal = LITERALS.get(segment) ?? (inFront ? IN_FRONT : FURTHER_BACK).get(segment.toLowerCase())
  if (literal === undefined || before === undefined) return literal
  const word = FOLLOWERS.get(before)?.get(literal.word.toLowerCase())
  return word === undefined ? undefined : LITERALS.get(word + suffixOf(literal.text))
}

function suffixOf (segment: string): string {
  if (segment.at(-5) !== '.' && segment.at(-4) !== '.') return ''
  const lower = segment.slice(-5).toLowerCase()
  return SUFFIXES.find((suffix) => lower.endsWith(suffix)) ?? ''
}

function hasMore (path: string, from: number, end: number): boolean {
  for (let i = from; i < end; i++) {
    if (path[i] !== '/') return true
  }
  return false
}
