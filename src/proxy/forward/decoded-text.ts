import { unpackedSync } from './content-coding.ts'
import type { ResponseHeaders } from './attempt.ts'

/** The most that is unpacked, bytes: an error of Twilio's is far smaller. */
const MOST_BYTES = 64 * 1024

const CHARSET = /;[ \t]*charset[ \t]*=[ \t]*"?([\w.:-]{1,40})/i

/** A body as text, to be looked at; undefined if it cannot be unpacked. The body itself goes on unchanged. */
export function decodedText (body: Buffer, headers: ResponseHeaders): string | undefined {
  const bytes = unpackedSync(body, headers['content-encoding'], MOST_BYTES)
  return bytes && decoder(charsetOf(bytes, headers['content-type']?.toString() ?? '')).decode(bytes)
}

/** What the bytes show counts first: an order mark, or the zeros that ASCII has in UTF-16. */
function charsetOf ([first, second]: Buffer, contentType: string): string {
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0)) return 'utf-16be'
  if ((first === 0xff && second === 0xfe) || second === 0) return 'utf-16le'
  return CHARSET.exec(contentType)?.[1] ?? 'utf-8'
}

/** A name that nobody knows is read as UTF-8: what is looked for is ASCII, in nearly every charset. */
function decoder (charset: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(charset)
  } catch {
    return new TextDecoder()
  }
}
