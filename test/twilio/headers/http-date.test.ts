import fc from 'fast-check'
import t from 'tap'
import { holds } from '../holds.ts'
import { parseHttpDate } from '../../../src/twilio/headers/http-date.ts'

const NOW_MS = Date.UTC(2026, 2, 11, 12)
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

/** A moment in the two forms that are obsolete and still to be read. */
function obsolete (moment: Date): [string, string] {
  const [weekday = '', day = '', month = '', year = '', time = ''] = moment.toUTCString().split(/,? /)
  return [
    `${DAYS[moment.getUTCDay()]}, ${day}-${month}-${year.slice(-2)} ${time} GMT`,
    `${weekday} ${month} ${day.replace(/^0/, ' ')} ${time} ${year}`
  ]
}

t.test('the three forms of RFC 9110 say the same', async (t) => {
  for (const text of ['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994']) {
    t.equal(parseHttpDate(text, NOW_MS), Date.UTC(1994, 10, 6, 8, 49, 37), text)
  }
})

t.test('any moment is read as the calendar has it, in each form', async (t) => {
  holds(t, fc.property(fc.date({ min: new Date(NOW_MS - 49 * 366 * 86_400_000), max: new Date(NOW_MS + 49 * 365 * 86_400_000), noInvalidDate: true }), (date) => {
    const moment = new Date(Math.floor(date.getTime() / 1000) * 1000)
    return [moment.toUTCString(), ...obsolete(moment)].every((text) => parseHttpDate(text, NOW_MS) === moment.getTime())
  }), 300)
})

t.test('two digits of a year mean the past where they would lie more than 50 years ahead', async (t) => {
  for (const [digits, year] of [['26', 2026], ['27', 2027], ['75', 2075], ['77', 1977], ['99', 1999], ['00', 2000]] as const) {
    t.equal(parseHttpDate(`Sunday, 06-Nov-${digits} 08:49:37 GMT`, NOW_MS), Date.UTC(year, 10, 6, 8, 49, 37), digits)
  }
  t.equal(parseHttpDate('Sunday, 08-Mar-76 12:00:00 GMT', NOW_MS), Date.UTC(2076, 2, 8, 12), 'some days less than 50 years')
  t.equal(parseHttpDate('Sunday, 15-Mar-76 12:00:00 GMT', NOW_MS), Date.UTC(1976, 2, 15, 12), 'some days more than 50 years')
  t.equal(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT', Date.UTC(2093, 0, 1)), Date.UTC(2094, 10, 6, 8, 49, 37), 'late in a century')
})

t.test('what is none of the three forms is no date', async (t) => {
  for (const text of ['', 'Sun, 6 Nov 1994 08:49:37 GMT', 'Sun, 06 Nov 1994 08:49:37 UTC', 'Sun, 06 Nov 1994 08:49:37 +0000', 'Sun, 06 Nov 94 08:49:37 GMT',
    'Sunday, 06-Nov-1994 08:49:37 GMT', 'Sun, 06-Nov-94 08:49:37 GMT', 'Sun Nov 06 08:49:37 94', 'Sun Nov 6 08:49:37 1994', 'Sunday, 31-Feb-94 08:49:37 GMT',
    'Sun Nov 31 08:49:37 1994', 'Sun Nov  0 08:49:37 1994', 'Sun Foo  6 08:49:37 1994', '1994-11-06T08:49:37Z', '784111777', 'Sun Nov  6 08:49:37 1994 GMT']) {
    t.equal(parseHttpDate(text, NOW_MS), undefined, text)
  }
})
