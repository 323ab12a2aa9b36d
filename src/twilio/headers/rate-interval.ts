/**
 * The interval that a limit is counted over, as X-Rate-Limit-Config may tell it. Twilio documents the header's purpose
 * and not its format, so what is looked for is how such things are commonly written: `3/s`, `3;w=1`, `10 per second`,
 * `limit=3, period=1s`, `"intervalMs": 1000`.
 */

/** A longer text is no configuration of a limit. */
const MAX_LENGTH = 200

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  milli: 1,
  s: 1_000,
  sec: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  d: 86_400_000,
  day: 86_400_000
}

const UNIT =
  '(ms|milli(?=seconds?)|s(?=econds?\\b)|sec(?=s?\\b)|min(?=(?:ute)?s?\\b)|hour(?=s?\\b)|day(?=s?\\b)|[smhd]\\b)'
/** A count, a word or sign for "in each", a number, a unit; the last two may be missing, but not both. */
const IN_EACH = new RegExp(
  `(?:(\\d{1,7})[a-z ]{0,20})?(?:/|;\\s?w=|\\bper\\b|\\b(?:period|interval|window)[_-]?(?:in[_-]?)?(ms|s|seconds)?"?\\s?[=:])\\s?"?(?:pt)?(\\d{1,7}(?:\\.\\d{1,3})?)?\\s?${UNIT}?`, 'gi')

/**
 * Milliseconds; undefined when the text does not tell. Where it tells several, the one beside this limit counts, else
 * the first.
 */
export function readInterval (text: string | undefined, limit: number): number | undefined {
  if (text === undefined || text.length > MAX_LENGTH) return undefined
  let first: number | undefined
  for (const [, count, unitOfKey, number, unit] of text.matchAll(IN_EACH)) {
    if (number === undefined && unit === undefined) continue
    const ms = Number(number ?? 1) * (UNITS_MS[(unit ?? unitOfKey ?? 's').toLowerCase().replace('seconds', 's')] ?? NaN)
    if (!(ms > 0)) continue
    if (Number(count) === limit) return ms
    first ??= ms
  }
  return first
}
