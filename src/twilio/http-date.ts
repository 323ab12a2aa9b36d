const IMF_FIXDATE = /^[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const DAY_MS = 86_400_000

/**
 * Reads an HTTP date, milliseconds since 1970; undefined when it is none. Only IMF-fixdate, the one form that
 * RFC 9110 §5.6.7 lets a server send.
 */
export function parseHttpDate (text: string): number | undefined {
  const match = IMF_FIXDATE.exec(text)
  if (match === null) return undefined
  const [day = 0, , year = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number)
  const month = MONTHS.indexOf(match[2] ?? '')
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
