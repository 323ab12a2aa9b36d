import { brotliDecompressSync, inflateSync, gunzipSync } from 'node:zlib'

/** The most that is unpacked, bytes: an error of Twilio's is far smaller. */
const MOST_BYTES = 64 * 1024

const UNPACK = new Map([
  ['gzip', gunzipSync],
  ['x-gzip', gunzipSync],
  ['deflate', inflateSync],
  ['br', brotliDecompressSync]
])

/** A body as text, to be looked at: unpacked if it is packed, empty if it cannot be. The body itself goes on as it came. */
export function decodedText (body: Buffer, contentEncoding: string | string[] | undefined): string {
  if (contentEncoding === undefined || contentEncoding === 'identity') return body.toString('utf8')
  const unpack = typeof contentEncoding === 'string' ? UNPACK.get(contentEncoding.trim().toLowerCase()) : undefined
  try {
    return unpack === undefined ? '' : unpack(body, { maxOutputLength: MOST_BYTES }).toString('utf8')
  } catch {
    return ''
  }
}
