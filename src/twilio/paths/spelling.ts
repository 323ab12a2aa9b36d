/**
 * One meaning for one path. What is sent stays byte for byte what came; rules are judged on what it says. Where another
 * server could read something else in the same bytes, that other reading is told here, for the caller to compare.
 */
import { percentDecoded } from './percent.ts'
import { accountInPath, accountsInPath } from './principal.ts'
import { routeTemplate } from './route.ts'

/**
 * Paths that have one spelling but for the case of letters: nothing encoded, no parameters, a dot only before a format.
 */
const PLAIN = /^(?:\/\+?[A-Za-z0-9_~:@-]+)+(?:\.(?:json|xml|csv))?\/?$/i
/** Longer paths are none of Twilio's, and looking at them several times takes time. */
const LENGTH_MOST = 8_192
/** An encoding of an encoding of an encoding; what goes deeper is read as it is then. */
const DECODINGS_MOST = 4
const DOUBLE = /%25(?=[0-9a-f]{2})/gi
const PARAMETERS = /[;?#\0].*$/s
/** What some servers overlook around a segment. `\p{Cf}` has no width. */
const AROUND = /^[\s\p{Cc}]+|[\s\p{Cc}+]+$/gu
const WITHOUT_WIDTH = /\p{Cf}/gu

/** Why nobody can say what such a path names, in a sentence; undefined where one can. `path` may have a query. */
export function faultInPath (path: string): string | undefined {
  const plain = pathOf(path)
  if (plain.length > LENGTH_MOST) return `The path is longer than ${LENGTH_MOST} characters.`
  if (plain === '/' || PLAIN.test(plain)) return undefined
  if (plain.startsWith('//') || plain.startsWith('/\\')) {
    return 'The path begins with two slashes. Remove the slash at the end of the base URL.'
  }
  if (hasDotSegment(plain)) return 'The path has a dot segment (/./ or /../), plain or percent-encoded.'
  if (/[^\x21-\xff]/.test(plain)) return 'The path has a character that must be percent-encoded.'
  if (plain.includes('//')) {
    return 'The path has two slashes in a row. A part of it may be missing: each slash must be followed by a name or an id.'
  }
  if (/[\\#]/.test(plain)) {
    return 'The path has a backslash or a number sign. Write them percent-encoded, as %5C and %23, or leave them out.'
  }
  if (/%(?![0-9a-f]{2})/i.test(plain)) {
    return 'The path has a percent sign without two hexadecimal digits after it. Write a percent sign as %25.'
  }
  if (/%(?:[01][0-9a-f]|7f)/i.test(plain)) return 'The path has a control character, percent-encoded.'
  return undefined
}

/**
 * A second reading of a path: what a server would see that decodes once more, or overlooks what stands around a word.
 */
export interface OtherReading {
  /** A template, as routeTemplate makes it. */
  readonly route: string
  readonly account: string | undefined
}

/**
 * A path as a server reads it that decodes it as often as it can and overlooks what stands around a word; without its
 * query.
 */
export function looseForm (path: string): string {
  const plain = pathOf(path)
  return PLAIN.test(plain) ? plain : loosened(plain)
}

/** The other reading of a path; undefined for a plain one. Never throws. */
export function otherReading (path: string): OtherReading | undefined {
  const plain = pathOf(path)
  if (PLAIN.test(plain)) return undefined
  const loose = loosened(plain)
  return { route: routeTemplate(loose), account: accountInPath(loose) }
}

/** Does a path name two accounts? Whose request it is, nobody can say then. */
export const namesTwoAccounts = (path: string): boolean => accountsInPath(path) > 1

const pathOf = (path: string): string => {
  const query = path.indexOf('?')
  return query === -1 ? path : path.slice(0, query)
}

function loosened (path: string): string {
  const segments = fullyDecoded(path).normalize('NFKC').replace(WITHOUT_WIDTH, '').split(/[/\\]+/).map(bared)
  const last = segments.pop() ?? ''
  return [...segments.map(withoutFormat), last].filter((segment) => segment !== '').map(
    (segment) => `/${segment}`
  ).join('')
}

/** A segment without its parameters, and without what stands around it. */
function bared (segment: string): string {
  const bare = segment.replace(PARAMETERS, '').replace(AROUND, '').replace(/[\s.]+$/, '').replace(
    /\s+(?=\.(?:json|xml|csv)$)/i,
    ''
  ).replace(/^(?:\.(?:json|xml|csv))+$/i, '')
  const format = /^([A-Za-z][A-Za-z0-9-]*)\.(?!(?:json|xml|csv)$)/i.exec(bare)?.[1]
  // `Messages.html`, `Messages.json.json`: a format that Twilio does not have, or too many.
  return format !== undefined && format.length > 1 ? format : bare
}

const withoutFormat = (segment: string): string => segment.replace(/\.(?:json|xml|csv)$/i, '')

/** Parameters and spaces do not keep every server from going up. */
const DOT_SEGMENT = /^\s*\.{1,2}\s*(?:[;?#\0].*)?$/s
/** Cheap first look: most paths have nothing that could make a dot segment. */
const DOT_OR_ENCODED = /[/\\]\.|%2[ef]|%5c|%25/i

function hasDotSegment (path: string): boolean {
  if (!DOT_OR_ENCODED.test(path)) return false
  return fullyDecoded(path).split(/[/\\]/).some((segment) => DOT_SEGMENT.test(segment))
}

function fullyDecoded (path: string): string {
  let text = path
  for (let i = 0; i < DECODINGS_MOST; i++) {
    const decoded = text.replace(DOUBLE, '%')
    if (decoded === text) break
    text = decoded
  }
  return percentDecoded(text)
}
