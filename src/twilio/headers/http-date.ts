/** The one form that a server may send today. */
const IMF_FIXDATE = /^[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/
/** Two older ones that everybody has to read: RFC 850's, with two digits of the year, and that of C's asctime. */
const RFC850_DATE = /^[A-Z][a-z]{5,8}, (\d\d)-([A-Z][a-z]{2})-(\d\d) (\d\d):(\d\d):(\d\d) GMT$/
const ASCTIME_DATE = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4})$/
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const DAY_MS = 86_400_000
const YEAR_MS = 365.2425 * DAY_MS
/** What two digits would put further ahead lies a century earlier, milliseconds. */
const AHEAD_MOST_MS = 50 * YEAR_MS

/**
 * Reads an HTTP date (RFC 9110, section 5.6.7) in any of its three forms, milliseconds since 1970; undefined when it is
 * none. The name of the day is not compared with the day. `nowEpochMs` says which century two digits mean.
 */
export function parseHttpDate (text: string, nowEpochMs: number): number | undefined {
  const imf = IMF_FIXDATE.exec(text)
  if (imf !== null) return momentOf(imf[3], imf[2], imf[1], imf[4], imf[5], imf[6])
  const asctime = ASCTIME_DATE.exec(text)
  if (asctime !== null) return momentOf(asctime[6], asctime[1], asctime[2], asctime[3], asctime[4], asctime[5])
  const rfc850 = RFC850_DATE.exec(text)
  if (rfc850 === null) return undefined
  const inYear = (year: number): number | undefined =>
    momentOf(String(year), rfc850[2], rfc850[1], rfc850[4], rfc850[5], rfc850[6])
  const year = yearOf(Number(rfc850[3]), nowEpochMs)
  const moment = inYear(year)
  return moment !== undefined && moment > nowEpochMs + AHEAD_MOST_MS ? inYear(year - 100) : moment
}

/** The latest year with these last digits of which a part may lie within 50 years from now. */
function yearOf (digits: number, nowEpochMs: number): number {
  const latest = Math.floor(1970 + (nowEpochMs + AHEAD_MOST_MS) / YEAR_MS)
  return latest - (((latest - digits) % 100) + 100) % 100
}

function momentOf (...parts: Array<string | undefined>): number | undefined {
  const [year = 0, , day = 0, hour = 0, minute = 0, second = 0] = parts.map(Number)
  const month = MONTHS.indexOf(parts[1] ?? '')
  // Second 60 is a leap second.
  if (month === -1 || day < 1 || day > daysIn(month, year) || hour > 23 || minute > 59 || second > 60) return undefined
  return (daysBefore(year) + dayOfYear(month, year) + day - 1) * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000
}

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

function daysIn (month: number, year: number): number {
  if (month === 1) return isLeap(year) ? 29 : 28
  return [3, 5, 8, 10].includes(month) ? 30 : 31
}

function dayOfYear (month: number, year: number): number {
  let days = 0
  for (let earlier = 0; earlier < month; earlier++) days += daysIn(earlier, year)
  return days
}

/** From 1 January 1970 to 1 January of the year; negative before. */
function daysBefore (year: number): number {
  const leapDays = (until: number): number => Math.floor(until / 4) - Math.floor(until / 100) + Math.floor(until / 400)
  return (year - 1970) * 365 + leapDays(year - 1) - leapDays(1969)
}
