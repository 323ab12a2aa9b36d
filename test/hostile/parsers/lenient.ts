/**
 * Requests as a parser reads them that takes whatever it can make sense of: bare line feeds, folded lines, blanks before a colon,
 * underscores for hyphens, lists of lengths. Where a length stands beside a coding, or two lengths differ, `trusts` says which it believes.
 */
import { framingOf, parseAll, type Parsed, type Step } from './parsed.ts'

export interface Trust {
  readonly over: 'coding' | 'length'
  readonly of: 'first' | 'last'
  /** Whether a lone carriage return ends a line. */
  readonly bareReturns: boolean
}

/** Each way to be lenient that was found in servers in use. */
export const TRUSTS: readonly Trust[] = (['coding', 'length'] as const).flatMap((over) =>
  (['first', 'last'] as const).flatMap((of) => [false, true].map((bareReturns) => ({ over, of, bareReturns }))))

export const parseLeniently = (bytes: string, trust: Trust): Parsed => parseAll(bytes, (all, from) => step(all, from, trust))

interface Line { readonly text: string, readonly next: number }

function lineAt (bytes: string, from: number, { bareReturns }: Trust): Line | undefined {
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] === '\n') return { text: bytes.slice(from, at).replace(/\r$/, ''), next: at + 1 }
    if (bareReturns && bytes[at] === '\r' && bytes[at + 1] !== '\n') return at + 1 === bytes.length ? undefined : { text: bytes.slice(from, at), next: at + 1 }
  }
  return undefined
}

function step (bytes: string, from: number, trust: Trust): Step {
  let line = lineAt(bytes, from, trust)
  while (line?.text === '') line = lineAt(bytes, line.next, trust)
  if (line === undefined) return 'more'
  const [method = '', ...words] = line.text.trim().split(/[ \t\v\f]+/)
  const target = words[0] ?? ''
  const headers: Array<[string, string]> = []
  for (;;) {
    line = lineAt(bytes, line.next, trust)
    if (line === undefined) return 'more'
    if (line.text === '') break
    const last = headers.at(-1)
    if (/^[ \t]/.test(line.text) && last !== undefined) last[1] = `${last[1]} ${line.text.trim()}`.trim()
    else {
      const colon = line.text.indexOf(':')
      const name = (colon === -1 ? line.text : line.text.slice(0, colon)).replace(/[^!-~]/g, '').replaceAll('_', '-').toLowerCase()
      headers.push([name, colon === -1 ? '' : line.text.slice(colon + 1).trim()])
    }
  }
  const framing = framingOf(headers)
  const coded = (framing['transfer-encoding'] ?? []).some((value) => /chunked/i.test(value))
  const lengths = (framing['content-length'] ?? []).flatMap((value) => value.split(',')).map((value) => Number.parseInt(value, 10)).filter((value) => value >= 0)
  const length = trust.of === 'first' ? lengths[0] : lengths.at(-1)
  if (coded && (trust.over === 'coding' || length === undefined)) {
    const body = chunks(bytes, line.next, trust)
    return body === 'more' ? 'more' : { request: { method, target, framing, body: body.text }, next: body.next }
  }
  const next = line.next + (length ?? 0)
  return next > bytes.length ? 'more' : { request: { method, target, framing, body: bytes.slice(line.next, next) }, next }
}

function chunks (bytes: string, from: number, trust: Trust): { readonly text: string, readonly next: number } | 'more' {
  let text = ''
  for (let at = from; ;) {
    let line = lineAt(bytes, at, trust)
    if (line === undefined) return 'more'
    const size = Number.parseInt(line.text.trim(), 16)
    if (!(size > 0)) {
      while ((line = lineAt(bytes, line.next, trust)) !== undefined) if (line.text === '') return { text, next: line.next }
      return 'more'
    }
    const end = line.next + size
    if (bytes.length < end) return 'more'
    text += bytes.slice(line.next, end)
    const rest = lineAt(bytes, end, trust)
    if (rest === undefined) return 'more'
    at = rest.text === '' ? rest.next : end
  }
}
