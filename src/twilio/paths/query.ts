/** Parameters of a query, by names that are the same in every spelling. */
import { percentDecoded } from './percent.ts'

const NONE: ReadonlySet<string> = new Set()

/** The names of all parameters in a path's query, in lower case. */
export function namesInQuery (path: string): ReadonlySet<string> {
  const pairs = pairsOf(path)
  return pairs.length === 0 ? NONE : new Set(pairs.map((pair) => nameOf(pair)))
}

/** The values of a parameter. */
export function valuesInQuery (path: string, name: string): readonly string[] {
  const wanted = name.toLowerCase()
  return pairsOf(path).filter((pair) => nameOf(pair) === wanted).map(
    (pair) => decoded(pair.includes('=') ? pair.slice(pair.indexOf('=') + 1) : '')
  )
}

function pairsOf (path: string): readonly string[] {
  const query = path.indexOf('?')
  return query === -1 ? [] : path.slice(query + 1).split('&')
}

function nameOf (pair: string): string {
  const mark = pair.indexOf('=')
  return canonicalField(decoded(mark === -1 ? pair : pair.slice(0, mark)))
}

const decoded = (text: string): string => percentDecoded(text.replaceAll('+', ' '))

/** A field's name in any case, with spaces around it, or as a list of one: `To`, `to`, `To[]`, `To[0]`. */
export const canonicalField = (name: string): string =>
  name.replace(/^[\s\ufeff]+/, '').replace(/(?:\[\w*\])*\s*$/, '').toLowerCase()
