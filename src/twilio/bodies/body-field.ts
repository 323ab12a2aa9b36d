/**
 * Fields of a request body: a form, as all of Twilio's SDKs send, one in parts, or JSON. A field is known by its name
 * in any case and with or without brackets, and has all its values: which of several a server takes, nobody knows.
 */
import { multipartFields } from './multipart.ts'
import { percentDecoded } from '../paths/percent.ts'
import { canonicalField } from '../paths/query.ts'

/**
 * Bodies above this are not looked into, characters: a form of Twilio's is never so long, and ten thousand recipients
 * in JSON seldom.
 */
const FORM_MOST = 1024 * 1024
const JSON_MOST = 8 * 1024 * 1024
/** A list of values in JSON has lists in it no deeper. */
const DEPTH_MOST = 16

/** What a body says. */
export interface BodyFields {
  /** The values of a field; none where it has no such field. */
  readonly values: (name: string) => readonly string[]
  /** The same with lists and objects left as they are in a JSON body. */
  readonly whole: (name: string) => readonly unknown[]
}

const EMPTY: BodyFields = { values: () => [], whole: () => [] }

/**
 * The fields of a body; undefined for one that the proxy cannot read: packed, in an unknown format or alphabet, too
 * long, or with one name twice where a server may take either.
 *
 * @param contentTypes all Content-Type headers, unchanged
 * @param isPacked whether there is a Content-Encoding
 */
export function readFields (body: string, contentTypes: readonly string[], isPacked: boolean): BodyFields | undefined {
  if (body === '') return EMPTY
  if (isPacked || contentTypes.length > 1 || body.includes('\0')) return undefined
  const [type = '', ...parameters] = (contentTypes[0] ?? '').split(';').map((part) => part.trim())
  if (!isKnownCharset(parameters)) return undefined
  const text = body.replace(/^\ufeff/, '')
  switch (kindOf(type.toLowerCase(), text)) {
    case 'form': return text.length > FORM_MOST ? undefined : fromPairs(formPairs(text))
    case 'json': return text.length > JSON_MOST ? undefined : fromJson(text)
    case 'multipart': {
      const pairs = text.length > JSON_MOST ? undefined : multipartFields(text, contentTypes[0] ?? '')
      return pairs === undefined ? undefined : fromPairs(pairs)
    }
    case 'unknown': return undefined
  }
}

function kindOf (type: string, text: string): 'form' | 'json' | 'multipart' | 'unknown' {
  if (type === '') return /^\s*[{[]/.test(text) ? 'json' : 'form'
  if (type === 'application/x-www-form-urlencoded') return 'form'
  if (/^(?:application|text)\/(?:[\w.-]+\+)?json$/.test(type)) return 'json'
  return type === 'multipart/form-data' ? 'multipart' : 'unknown'
}

function isKnownCharset (parameters: readonly string[]): boolean {
  return parameters.every((parameter) => {
    const charset = /^charset\s*=\s*"?([^"]*)"?$/i.exec(parameter)?.[1]
    return charset === undefined || /^(?:utf-?8|us-ascii|iso-8859-1|latin1|windows-1252)$/i.test(charset.trim())
  })
}

type Pairs = ReadonlyArray<readonly [name: string, value: string]>

function formPairs (text: string): Pairs {
  const pairs = split(text, '&')
  if (!text.includes(';')) return pairs
  // Some servers separate by semicolons as well: a field that only they see counts.
  const names = new Set(pairs.map(([name]) => name))
  return [...pairs, ...split(text, /[&;]/).filter(([name]) => !names.has(name))]
}

function split (text: string, separator: string | RegExp): Pairs {
  return text.split(separator).map((pair) => {
    const mark = pair.indexOf('=')
    const [name, value] = mark === -1 ? [pair, ''] : [pair.slice(0, mark), pair.slice(mark + 1)]
    return [canonicalField(decoded(name)), decoded(value)] as const
  })
}

const decoded = (text: string): string => percentDecoded(text.replaceAll('+', ' '))

function fromPairs (pairs: Pairs): BodyFields {
  const values = (name: string): readonly string[] => {
    const wanted = name.toLowerCase()
    return [...new Set(pairs.filter(([named]) => named === wanted).map(([, value]) => value))]
  }
  return { values, whole: values }
}

function fromJson (text: string): BodyFields | undefined {
  let json: unknown
  try {
    json = JSON.parse(text)
    // `{"To": "", "To": "+1…"}`: one server takes the first, another the last.
    if (keysIn(json) !== namesIn(text)) return undefined
  } catch {
    // Nested too deep to be looked at, if it is JSON.
    return undefined
  }
  const entries: ReadonlyArray<[string, unknown]> = typeof json === 'object' && json !== null && !Array.isArray(json)
    ? Object.entries(json)
    : []
  const whole = (name: string): readonly unknown[] => {
    const wanted = name.toLowerCase()
    return entries.filter(([key]) => canonicalField(key) === wanted).map(([, value]) => value)
  }
  return { values: (name) => [...new Set(whole(name).flatMap(scalars))], whole }
}

function keysIn (json: unknown): number {
  if (typeof json !== 'object' || json === null) return 0
  let keys = Array.isArray(json) ? 0 : Object.keys(json).length
  for (const value of Object.values(json)) keys += keysIn(value)
  return keys
}

/** How many names the text has: strings before a colon. */
function namesIn (text: string): number {
  let names = 0
  for (const [, colon] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?/g)) if (colon !== undefined) names++
  return names
}

function scalars (value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flat(DEPTH_MOST).flatMap((inner) => Array.isArray(inner) ? [] : scalars(inner))
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [String(value)] : []
}
