import fc from 'fast-check'
import t, { type Test } from 'tap'
import { DAYS, type Day, type HoursSpec } from '../../src/open-hours/spans.ts'
import { createOpenHours } from '../../src/open-hours/open-hours.ts'
import { THOROUGH } from '../support/thorough.ts'
import { openMinutes } from './brute-force.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Zones with both of their switches of 2026, a day before each. */
const SWITCHES: ReadonlyArray<readonly [timeZone: string, springMs: number, autumnMs: number]> = [
  ['Europe/Berlin', Date.UTC(2026, 2, 28), Date.UTC(2026, 9, 24)],
  ['America/New_York', Date.UTC(2026, 2, 7, 6), Date.UTC(2026, 9, 31, 6)],
  ['Australia/Lord_Howe', Date.UTC(2026, 9, 2, 16), Date.UTC(2026, 3, 3, 16)],
  ['Pacific/Auckland', Date.UTC(2026, 8, 25, 14), Date.UTC(2026, 3, 3, 14)]
]

const berlin = (from: string, to: string, days?: readonly Day[]): HoursSpec => ({ from, to, timeZone: 'Europe/Berlin', ...days && { days } })

/** When it opens and closes within two days, by the clock of UTC, and for how many hours it is open in between. */
function told (spec: HoursSpec, fromMs: number, hours = 48): string[] {
  const openHours = createOpenHours([spec])
  const lines: string[] = []
  for (let atMs = fromMs; atMs < fromMs + hours * HOUR_MS;) {
    const opensInMs = openHours.opensInMs(atMs)
    const closesInMs = openHours.closesInMs(atMs)
    if (opensInMs === 0) lines.push(`${new Date(atMs).toISOString().slice(5, 16)} for ${closesInMs / HOUR_MS} h`)
    atMs += opensInMs === 0 ? closesInMs : opensInMs
  }
  return lines
}

const utc = (text: string): number => Date.parse(`${text}Z`)

t.test('a window opens and closes by the clock of its zone', async (t) => {
  t.same(told(berlin('22:00', '06:00'), utc('2026-01-14T12:00')), ['01-14T21:00 for 8 h', '01-15T21:00 for 8 h'])
  t.same(told(berlin('09:30', '17:00'), utc('2026-07-14T00:00')), ['07-14T07:30 for 7.5 h', '07-15T07:30 for 7.5 h'])
})

t.test('a window over midnight belongs to the day of its beginning', async (t) => {
  t.same(told(berlin('22:00', '06:00', ['fri']), utc('2026-01-12T00:00'), 168), ['01-16T21:00 for 8 h'])
})

t.test('from and to alike are the whole day, and neighbours are one', async (t) => {
  t.same(told(berlin('00:00', '00:00', ['sat', 'sun']), utc('2026-01-12T00:00'), 168), ['01-16T23:00 for 48 h'])
  const always = createOpenHours([berlin('04:00', '04:00')])
  t.equal(always.opensInMs(utc('2026-01-12T00:00')), 0)
  t.ok(always.closesInMs(utc('2026-01-12T00:00')) >= 7 * DAY_MS, 'as far as is looked ahead')
})

t.test('windows of several zones are open while any of them is', async (t) => {
  const openHours = createOpenHours([berlin('22:00', '02:00'), { from: '20:00', to: '21:00', timeZone: 'America/New_York' }])
  t.equal(openHours.closesInMs(utc('2026-01-14T21:00')), 5 * HOUR_MS, 'the second begins as the first ends')
  t.equal(openHours.opensInMs(utc('2026-01-15T02:00')), 19 * HOUR_MS)
})

t.test('without windows it is never open', async (t) => {
  const openHours = createOpenHours([])
  t.ok(openHours.opensInMs(0) > 7 * DAY_MS)
  t.equal(openHours.closesInMs(0), 0)
})

t.test('in the spring a window whose beginning or end is skipped begins or ends with the jump', async (t) => {
  // 02:00 is 03:00 on March 29, 01:00 in UTC.
  const night = utc('2026-03-28T12:00')
  t.same(told(berlin('02:30', '05:00'), night, 24), ['03-29T01:00 for 2 h'])
  t.same(told(berlin('01:00', '02:30'), night, 24), ['03-29T00:00 for 1 h'])
  t.same(told(berlin('02:10', '02:50'), night, 24), [], 'one that is skipped whole is not open')
  t.same(told(berlin('22:00', '06:00'), night, 24), ['03-28T21:00 for 7 h'], 'a night is an hour shorter')
  t.same(told(berlin('02:30', '02:30', ['sun']), night, 48), ['03-29T01:00 for 23.5 h'])
})

t.test('in the autumn a time that comes twice counts at its first coming', async (t) => {
  // 03:00 is 02:00 again on October 25, 01:00 in UTC.
  const night = utc('2026-10-24T12:00')
  t.same(told(berlin('02:30', '05:00'), night, 24), ['10-25T00:30 for 3.5 h'])
  t.same(told(berlin('01:00', '02:30'), night, 24), ['10-24T23:00 for 1.5 h'])
  t.same(told(berlin('02:10', '02:50'), night, 24), ['10-25T00:10 for 0.6666666666666666 h'], 'and is open once')
  t.same(told(berlin('22:00', '06:00'), night, 24), ['10-24T20:00 for 9 h'], 'a night is an hour longer')
})

t.test('a window that a switch leaves out is found a week later', async (t) => {
  const weekly = createOpenHours([berlin('02:10', '02:50', ['sun'])])
  t.equal(weekly.opensInMs(utc('2026-03-23T00:00')), utc('2026-04-05T00:10') - utc('2026-03-23T00:00'))
})

t.test('a day that a zone has skipped has no window', async (t) => {
  // Samoa went from December 29 straight to December 31.
  const spec: HoursSpec = { from: '09:00', to: '17:00', timeZone: 'Pacific/Apia' }
  t.same(told(spec, utc('2011-12-29T12:00'), 72), ['12-29T19:00 for 8 h', '12-30T19:00 for 8 h', '12-31T19:00 for 8 h'])
})

const time = fc.integer({ min: 0, max: 1439 }).map((minute) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`)
/** Most switches come between one and four in the morning. */
const nightTime = fc.integer({ min: 60, max: 239 }).map((minute) => `0${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, '0')}`)
const spec = (timeZone: string): fc.Arbitrary<HoursSpec> => fc.record({
  from: fc.oneof(time, nightTime),
  to: fc.oneof(time, nightTime),
  days: fc.subarray([...DAYS], { minLength: 1 }),
  timeZone: fc.constant(timeZone)
})

// By an hour and by half an hour; elsewhere it is the same.
for (const [timeZone, springMs, autumnMs] of THOROUGH ? SWITCHES : SWITCHES.filter(([zone]) => zone !== 'America/New_York' && zone !== 'Pacific/Auckland')) {
  t.test(`around both switches of ${timeZone} each minute is open or closed as a clock there says`, async (t) => {
    for (const startMs of [springMs, autumnMs]) agreesMinuteByMinute(t, fc.array(spec(timeZone), { minLength: 1, maxLength: 3 }), startMs)
  })
}

t.test('so it is with windows of several zones, and on ordinary days', async (t) => {
  const mixed = fc.array(fc.constantFrom(...SWITCHES.map(([timeZone]) => timeZone)).chain(spec), { minLength: 2, maxLength: 3 })
  agreesMinuteByMinute(t, mixed, Date.UTC(2026, 3, 4))
  agreesMinuteByMinute(t, mixed, Date.UTC(2026, 6, 1))
})

/** Three days, minute by minute: open or closed, and when that changes. */
function agreesMinuteByMinute (t: Test, specs: fc.Arbitrary<HoursSpec[]>, startMs: number): void {
  const minutes = 3 * 1440
  fc.assert(fc.property(specs, (list) => {
    const open = openMinutes(list, startMs, minutes)
    const openHours = createOpenHours(list)
    let change = minutes
    for (let i = minutes - 1; i >= 0; i--) {
      const atMs = startMs + i * MINUTE_MS
      const isOpen = openHours.opensInMs(atMs) === 0
      if (isOpen !== open[i]) throw new Error(`${new Date(atMs).toISOString()} is ${isOpen ? 'open' : 'closed'}: ${JSON.stringify(list)}`)
      if (open[i] !== open[i + 1]) change = i + 1
      const changesInMs = isOpen ? openHours.closesInMs(atMs) : openHours.opensInMs(atMs)
      if (change < minutes && changesInMs !== (change - i) * MINUTE_MS) throw new Error(`${new Date(atMs).toISOString()} changes in ${changesInMs} ms: ${JSON.stringify(list)}`)
    }
  }), { numRuns: 8 })
  t.pass(new Date(startMs).toISOString())
}

t.test('a state that is known holds as well when the clock is set back', async (t) => {
  const openHours = createOpenHours([berlin('22:00', '06:00')])
  const [noon, night] = [utc('2026-01-14T12:00'), utc('2026-01-14T23:00')]
  t.equal(openHours.opensInMs(night), 0)
  t.equal(openHours.opensInMs(noon), 9 * HOUR_MS, 'not what was so at night')
  for (let i = 0; i < 200; i++) t.equal(openHours.opensInMs(noon + i), 9 * HOUR_MS - i)
})
