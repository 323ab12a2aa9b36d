import t from 'tap'
import { createOpenHours } from '../../src/open-hours/open-hours.ts'
import { DAYS, spansOf, type Day, type HoursSpec } from '../../src/open-hours/spans.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const utc = (text: string): number => Date.parse(`${text}Z`)
const spec = (from: string, to: string, days?: readonly Day[]): HoursSpec =>
  ({ from, to, timeZone: 'UTC', ...days && { days } })

t.test('it opens at its first moment and closes at its last, to the millisecond', async (t) => {
  const opensAtMs = utc('2026-01-14T09:00')
  const openHours = createOpenHours([spec('09:00', '17:00')])
  t.same([openHours.opensInMs(opensAtMs - 1), openHours.closesInMs(opensAtMs - 1)], [1, 0])
  t.same([openHours.opensInMs(opensAtMs), openHours.closesInMs(opensAtMs)], [0, 8 * HOUR_MS])
  t.same([openHours.opensInMs(opensAtMs + 8 * HOUR_MS - 1), openHours.closesInMs(opensAtMs + 8 * HOUR_MS - 1)], [0, 1])
  t.same([openHours.opensInMs(opensAtMs + 8 * HOUR_MS), openHours.closesInMs(opensAtMs + 8 * HOUR_MS)], [16 * HOUR_MS, 0])
})

t.test('a part of a millisecond is as good a moment as any', async (t) => {
  const openHours = createOpenHours([spec('09:00', '17:00')])
  t.equal(openHours.opensInMs(utc('2026-01-14T08:59:59.999') + 0.25), 0.75)
})

t.test('what is asked for the first time in the middle of a window is open since before', async (t) => {
  const openHours = createOpenHours([spec('09:00', '17:00')])
  t.equal(openHours.opensInMs(utc('2026-01-14T12:00')), 0)
  t.equal(openHours.closesInMs(utc('2026-01-14T10:00')), 7 * HOUR_MS, 'also for a clock that is set back a little')
  t.equal(openHours.opensInMs(utc('2026-01-14T08:00')), HOUR_MS, 'and not before it')
})

t.test('a clock that is set back by days finds the windows of then', async (t) => {
  const openHours = createOpenHours([spec('09:00', '17:00', ['mon'])])
  t.equal(openHours.opensInMs(utc('2026-01-16T12:00')), 2 * DAY_MS + 21 * HOUR_MS, 'a Friday')
  t.equal(openHours.opensInMs(utc('2026-01-12T10:00')), 0, 'its Monday')
  t.equal(openHours.closesInMs(utc('2026-01-12T10:00')), 7 * HOUR_MS)
})

t.test('what is always open, or never, is looked at again after two weeks', async (t) => {
  const nowMs = utc('2026-01-14T12:00')
  t.equal(createOpenHours([spec('00:00', '00:00')]).closesInMs(nowMs), 14 * DAY_MS)
  const never = createOpenHours([])
  t.equal(never.opensInMs(nowMs), 14 * DAY_MS)
  t.equal(never.opensInMs(nowMs + DAY_MS), 13 * DAY_MS)
  t.equal(never.opensInMs(nowMs + 14 * DAY_MS), 14 * DAY_MS)
})

t.test('a window within another makes it no shorter, in whatever order they come', async (t) => {
  const [long, short] = [spec('08:00', '20:00'), spec('10:00', '11:00')]
  for (const specs of [[long, short], [short, long]]) {
    t.equal(createOpenHours(specs).closesInMs(utc('2026-01-14T08:00')), 12 * HOUR_MS)
  }
  const late = [spec('22:00', '23:00'), spec('02:00', '03:00')]
  t.equal(createOpenHours(late).opensInMs(utc('2026-01-14T00:00')), 2 * HOUR_MS, 'the next one, not the first named')
})

t.test('windows that touch are one; with a minute between they are two', async (t) => {
  const atMs = utc('2026-01-14T08:00')
  t.equal(createOpenHours([spec('08:00', '10:00'), spec('10:00', '12:00')]).closesInMs(atMs), 4 * HOUR_MS)
  t.equal(createOpenHours([spec('08:00', '10:00'), spec('10:01', '12:00')]).closesInMs(atMs), 2 * HOUR_MS)
})

t.test('a span belongs to the day on which it begins, and those of the days before are there', async (t) => {
  // 2026-01-14 is a Wednesday.
  for (const [i, day] of DAYS.entries()) {
    const spans = spansOf(spec('23:00', '01:00', [day]), utc('2026-01-14T12:00'), 7)
    t.same(new Set(spans.map(({ fromMs }) => new Date(fromMs).getUTCDay())), new Set([(i + 1) % 7]), day)
    t.ok(spans.every(({ fromMs, untilMs }) => untilMs - fromMs === 2 * HOUR_MS))
  }
  const all = spansOf(spec('23:00', '01:00'), utc('2026-01-14T12:00'), 2)
  const days = all.map(({ fromMs }) => new Date(fromMs).toISOString().slice(5, 10))
  t.same(days, ['01-11', '01-12', '01-13', '01-14', '01-15'])
})
