/**
 * Unpacks bodies that the proxy has to look into, such as a 429 for its code, as Content-Encoding says. The client gets
 * the body still packed.
 */
import * as zlib from 'node:zlib'
import { promisify } from 'node:util'
import { tokensOf } from '../../twilio/headers/field-list.ts'

interface Bound { readonly maxOutputLength: number }
type UnpackSync = (packed: Buffer, bound: Bound) => Buffer
type Unpack = (packed: Buffer, bound: Bound) => Promise<Buffer>
type Zlib = typeof zlib & {
  readonly zstdDecompressSync?: UnpackSync
  readonly zstdDecompress?: Parameters<typeof promisify>[0]
}

interface Coding { readonly sync: UnpackSync, readonly async: Unpack }

const gzip: Coding = { sync: zlib.gunzipSync, async: promisify(zlib.gunzip) }
const inflate: Coding = { sync: zlib.inflateSync, async: promisify(zlib.inflate) }
const inflateRaw: Coding = { sync: zlib.inflateRawSync, async: promisify(zlib.inflateRaw) }

/** RFC 9110, section 8.4.1: the name means a zlib stream, and "some non-conformant implementations" send it bare. */
const deflate: Coding = {
  sync: (packed, bound) => (hasZlibHead(packed) ? inflate : inflateRaw).sync(packed, bound),
  async: (packed, bound) => (hasZlibHead(packed) ? inflate : inflateRaw).async(packed, bound)
}

/** Every coding that can be read, by its registered names. */
const CODINGS: ReadonlyMap<string, Coding> = new Map([
  ['gzip', gzip],
  ['x-gzip', gzip],
  ['deflate', deflate],
  ['br', { sync: zlib.brotliDecompressSync, async: promisify(zlib.brotliDecompress) }],
  ...zstdOf(zlib)
])

/** More codings on top of each other than anybody means, and a way to multiply work. */
const CODINGS_MOST = 4

/**
 * RFC 1950: the method is 8. A bare stream would begin so with a stored block whose padding is not zero, which nobody
 * writes.
 */
const hasZlibHead = ([method = 0]: Buffer): boolean => (method & 0x0f) === 8

/** Node has it from 22.15 on. */
function zstdOf ({ zstdDecompressSync, zstdDecompress }: Zlib): Array<[string, Coding]> {
  if (zstdDecompressSync === undefined || zstdDecompress === undefined) return []
  return [['zstd', { sync: zstdDecompressSync, async: promisify(zstdDecompress) as Unpack }]]
}

/** The codings to undo, the last one first; undefined where one of them is not known. */
function codingsOf (contentEncoding: string | string[] | undefined): readonly Coding[] | undefined {
  const names = tokensOf(contentEncoding).filter((name) => name !== 'identity')
  if (names.length > CODINGS_MOST) return undefined
  const codings = names.map((name) => CODINGS.get(name)).reverse()
  return codings.every((coding) => coding !== undefined) ? codings : undefined
}

/**
 * The body unpacked, at most `maxBytes`; undefined where it is larger, broken, or packed by a coding that is not known.
 */
export function unpackedSync (
  body: Buffer,
  contentEncoding: string | string[] | undefined,
  maxBytes: number
): Buffer | undefined {
  // As a rule it is not packed; and nothing packs nothing.
  if (contentEncoding === undefined || body.length === 0) return body
  try {
    return codingsOf(contentEncoding)?.reduce(
      (bytes, coding) => coding.sync(bytes, { maxOutputLength: maxBytes }),
      body
    )
  } catch {
    return undefined
  }
}

/** The same for bodies that may be large: the event loop goes on meanwhile. */
export async function unpacked (
  body: Buffer,
  contentEncoding: string | string[] | undefined,
  maxBytes: number
): Promise<Buffer | undefined> {
  const codings = codingsOf(contentEncoding)
  if (codings === undefined) return undefined
  let bytes = body
  try {
    for (const coding of codings) bytes = await coding.async(bytes, { maxOutputLength: maxBytes })
    return bytes
  } catch {
    return undefined
  }
}
