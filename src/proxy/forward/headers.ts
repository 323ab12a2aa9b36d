import { tokensOf } from '../../twilio/headers/field-list.ts'

/** Headers that belong to one connection, not to the message (RFC 9110, section 7.6.1). */
export const HOP_BY_HOP: ReadonlySet<string> = new Set(
  ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'te', 'trailer', 'upgrade']
)

/** Headers that stay here: those of the connection, and those that are for us or that the client library writes. */
const DROPPED: ReadonlySet<string> = new Set([...HOP_BY_HOP, 'host', 'proxy-authorization', 'expect', 'content-length'])

/**
 * The headers as they go to Twilio: values byte for byte, in their order, with `Host` naming Twilio's host. `etag`:
 * that of a cached answer, to ask only whether it still holds.
 */
export function upstreamHeaders (rawHeaders: readonly string[], host: string, etag?: string): string[] {
  const listed = namesInConnection(rawHeaders)
  const headers = ['Host', host]
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    if (isSentOn(name.toLowerCase(), listed)) headers.push(name, rawHeaders[i + 1] ?? '')
  }
  if (etag !== undefined) headers.push('If-None-Match', etag)
  return headers
}

/** Does Twilio get this header, in lower case? `listed`: what the request's Connection header names. */
export const isSentOn = (name: string, listed: ReadonlySet<string> | undefined): boolean =>
  !DROPPED.has(name) && !name.startsWith('governor-') && listed?.has(name) !== true

/**
 * A Connection header can name further headers that end here; one that names Authorization would strip it, as asked.
 */
export function namesInConnection (rawHeaders: readonly string[]): Set<string> | undefined {
  let names: Set<string> | undefined
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() !== 'connection') continue
    for (const name of tokensOf(rawHeaders[i + 1])) {
      if (name !== 'keep-alive' && name !== 'close') (names ??= new Set()).add(name)
    }
  }
  return names
}

/** All values of a header; `name` in lower case. */
export function headersOf (rawHeaders: readonly string[], name: string): readonly string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name)
}

/** The first value of a header; `name` in lower case. */
export function headerOf (rawHeaders: readonly string[], name: string): string | undefined {
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === name) return rawHeaders[i + 1]
  }
  return undefined
}
