/** A request as its client has signed it. */
export interface Canonical {
  readonly method: string
  /** As the client sent it, without the query. */
  readonly path: string
  /** Without the question mark. */
  readonly query: string
  /** Those that are signed, in the order in which the client names them. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  /** SHA-256 of the body in hexadecimal; empty where there is no body. */
  readonly bodyHash: string
}

/**
 * The text whose hash Public Key Client Validation signs: method, path, sorted query, signed headers, their names, and
 * the hash of the body, a line each. https://www.twilio.com/docs/iam/pkcv/quickstart, step 3
 */
export function canonicalText ({ method, path, query, headers, bodyHash }: Canonical): string {
  return [
    method.toUpperCase(),
    path.replace(/\/{2,}/g, '/').split('/').map(encoded).join('/'),
    query === '' ? '' : query.split('&').map(canonicalPair).sort().join('&'),
    ...headers.map(([name, value]) => `${name}:${name === 'host' ? value.replace(/:(?:443|80)$/, '') : value.trim()}`),
    '',
    headers.map(([name]) => name).join(';'),
    bodyHash
  ].join('\n')
}

function canonicalPair (pair: string): string {
  const mark = pair.indexOf('=')
  return mark < 0 ? `${encoded(pair)}=` : `${encoded(pair.slice(0, mark))}=${encoded(pair.slice(mark + 1))}`
}

/** However a client encodes, in the end all is encoded but letters, digits and -._~ (RFC 3986). */
function encoded (text: string): string {
  return encodeURIComponent(decoded(text.replaceAll('+', '%20'))).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`
  )
}

// What cannot be decoded is taken as it is.
function decoded (text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
