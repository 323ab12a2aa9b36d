/** Fields of a body in parts (RFC 7578), as far as they can be told from its text. */
import { canonicalField } from '../paths/query.ts'

const PARTS_MOST = 1_000

/**
 * Names and values of all parts, files left out; undefined where the parts cannot be told apart.
 *
 * @param contentType the Content-Type header, with its boundary
 */
export function multipartFields (
  body: string,
  contentType: string
): ReadonlyArray<readonly [name: string, value: string]> | undefined {
  const boundary = /;\s*boundary\s*=\s*(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType)
  if (boundary === null) return undefined
  const pieces = `\r\n${body}`.split(`\r\n--${boundary[1] ?? boundary[2] ?? ''}`)
  // What stands before the first boundary is no part; `--` after the last one ends them.
  const last = pieces.pop()
  if (pieces.length < 2 || pieces.length > PARTS_MOST || last?.startsWith('--') !== true) return undefined
  const fields: Array<readonly [string, string]> = []
  for (const piece of pieces.slice(1)) {
    const end = piece.indexOf('\r\n\r\n')
    if (end === -1) return undefined
    const head = piece.slice(0, end)
    const names = [...head.matchAll(/[;\s]name\*?\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))/gi)]
    if (names.length !== 1) return undefined
    // A file is none of Twilio's fields.
    if (/[;\s]filename\*?\s*=/i.test(head)) continue
    if (/^content-transfer-encoding\s*:\s*(?:base64|quoted-printable)/im.test(head)) return undefined
    fields.push([canonicalField(names[0]?.[1] ?? names[0]?.[2] ?? ''), piece.slice(end + 4)])
  }
  return fields
}
