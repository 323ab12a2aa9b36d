/**
 * What a 429 is about, as far as its body tells.
 * `account`: perhaps the account's concurrency; the code alone does not prove it, the limiter judges.
 * `route`: a limit of this endpoint. `final`: a limit that no quick retry can cure.
 */
export type ThrottleKind = 'account' | 'route' | 'final'

/**
 * Documented as "allowed concurrency", but also sent for limits of single resources.
 * https://www.twilio.com/docs/api/errors/20429
 */
const TOO_MANY_REQUESTS = 20429

/**
 * Verify: too many checks, sends, starts, challenges or factors. https://www.twilio.com/docs/api/errors/60202 and so on
 */
const FINAL_CODES: ReadonlySet<number> = new Set([60202, 60203, 60212, 60308, 60309, 60310, 60312, 60326])

/** More than any error of Twilio's; the rest of a longer body is not looked at. */
const MAX_BODY_LENGTH = 65_536

const XML_CODE = /<Code>\s{0,16}([0-9]{5,6})\s{0,16}<\/Code>/

/** @param body of a 429, as text; may be empty, cut off or not Twilio's at all */
export function classifyThrottle (
  body: string,
  contentType: string | undefined
): { readonly kind: ThrottleKind, readonly code: number | undefined } {
  const code = readCode(body, contentType)
  if (code === undefined || code === TOO_MANY_REQUESTS) return { kind: 'account', code }
  return { kind: FINAL_CODES.has(code) ? 'final' : 'route', code }
}

function readCode (body: string, contentType: string | undefined): number | undefined {
  // Trimming takes a byte order mark off as well.
  const start = body.slice(0, MAX_BODY_LENGTH).trimStart()
  if (start.startsWith('{') || start.startsWith('[')) return codeOfJson(body.trimStart())
  if (!start.startsWith('<') || contentType?.toLowerCase().includes('html') === true) return undefined
  return asCode(XML_CODE.exec(start)?.[1])
}

/** Classic and RFC 9457 bodies have `code`; those of comms.twilio.com have it in `errors[0]`. */
function codeOfJson (body: string): number | undefined {
  if (body.length > MAX_BODY_LENGTH) return undefined
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    return undefined
  }
  const errors = field(parsed, 'errors')
  return asCode(field(parsed, 'code')) ?? asCode(field(Array.isArray(errors) ? errors[0] : undefined, 'code'))
}

function field (value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined
}

/** Twilio's codes have five or six digits: a smaller number is an HTTP status in the wrong field. */
function asCode (value: unknown): number | undefined {
  const code = typeof value === 'string' && /^[0-9]{5,6}$/.test(value) ? Number(value) : value
  return typeof code === 'number' && Number.isInteger(code) && code >= 10_000 && code <= 999_999 ? code : undefined
}
