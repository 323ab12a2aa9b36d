/** Where a send goes, as far as its price depends on it: the channel and the beginning of the number. */

/** What people write between digits, and Twilio overlooks; and what nobody sees. */
const PUNCTUATION = /[\s().,;/'\p{Pd}\p{Cf}\p{Cc}]/gu
/**
 * A number with its country, which lacks nothing but the plus, or has too much before it. Shorter ones may be national,
 * or short codes.
 */
const WITHOUT_PLUS = /^(?:\+*(?:00|011)|\+{2,})?([1-9]\d{10,14})$/
/** A plus that was not encoded in a form arrives as a space. */
const LOST_PLUS = /^ (?=\d)/
/** Country calling codes of two digits (ITU-T E.164, annex of 2023). +1 and +7 have one, all others three. */
const TWO_DIGITS = /^(?:2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/

/** A `To` in the form that prefixes are compared with: `+447700900123`, `whatsapp:+447700900123`, `client:alice`. */
export function destinationOf (to: string): string {
  const text = to.normalize('NFKC')
  const colon = text.indexOf(':')
  const named = text.slice(0, colon + 1).replace(/\s/g, '').toLowerCase()
  // `tel:+44…` (RFC 3966) is the number, as the number alone is.
  const channel = named === 'tel:' || named === 'sms:' ? '' : named
  const rest = text.slice(colon + 1).replace(LOST_PLUS, '+')
  const number = rest.replace(PUNCTUATION, '')
  if (!/^\+*\d+$/.test(number)) {
    return channel + (named === '' && rest.includes('@') ? rest.trim().toLowerCase() : rest.trim())
  }
  return channel + number.replace(WITHOUT_PLUS, '+$1')
}

/**
 * The country calling code of a number, `+44`, whatever its channel; for what is no such number, its channel or
 * `other`.
 */
export function callingCode (destination: string): string {
  const colon = destination.indexOf(':')
  const number = destination.slice(colon + 1)
  if (!/^\+[1-9]\d{2,}$/.test(number)) {
    return colon > 0 && /^[a-z]{2,20}$/.test(destination.slice(0, colon)) ? destination.slice(0, colon) : 'other'
  }
  const digits = number.slice(1)
  return `+${digits.slice(0, /^[17]/.test(digits) ? 1 : TWO_DIGITS.test(digits) ? 2 : 3)}`
}

/** The longest of the prefixes that a destination begins with; `*` is one of all. */
export function longestPrefix (prefixes: readonly string[], destination: string): string | undefined {
  let longest: string | undefined
  for (const prefix of prefixes) {
    if (prefix === '*'
      ? longest === undefined
      : destination.startsWith(prefix) &&
      (longest === undefined || longest === '*' || prefix.length > longest.length)) longest = prefix
  }
  return longest
}
