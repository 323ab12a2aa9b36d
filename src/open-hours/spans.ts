/**
 * When a rule is open, in real time. It opens the first time that the clock in its zone shows `from` or later, and
 * closes the first time that it shows `to` or later. So an end in the hour that a spring skips falls on the jump, and
 * one in the hour that comes twice in autumn on its first coming.
 */
import { Temporal } from 'temporal-polyfill'

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Day = (typeof DAYS)[number]

export interface HoursSpec {
  /** Days on which it opens; every day where it names none. */
  readonly days?: readonly Day[]
  /** `HH:MM` by the clock of the zone. */
  readonly from: string
  /** Not later than `from`: on the day after. */
  readonly to: string
  /** As the IANA database names it: `Europe/Berlin`. */
  readonly timeZone: string
}

/** Open from one moment to just before another, milliseconds since 1970. */
export interface Span {
  readonly fromMs: number
  readonly untilMs: number
}

/** The open spans that may touch the time from a moment on, for so many days. */
export function spansOf ({ days = DAYS, from, to, timeZone }: HoursSpec, epochMs: number, forDays: number): Span[] {
  const [opens, closes] = [Temporal.PlainTime.from(from), Temporal.PlainTime.from(to)]
  const isOvernight = Temporal.PlainTime.compare(closes, opens) <= 0
  const today = Temporal.Instant.fromEpochMilliseconds(Math.floor(epochMs)).toZonedDateTimeISO(timeZone).toPlainDate()
  const spans: Span[] = []
  // One that has begun the day before may be open still, and a zone may have skipped a day.
  for (let i = -3; i < forDays; i++) {
    const date = today.add({ days: i })
    const day = DAYS[date.dayOfWeek - 1]
    if (day === undefined || !days.includes(day)) continue
    const fromMs = firstShownMs(date.toPlainDateTime(opens), timeZone)
    const untilMs = firstShownMs((isOvernight ? date.add({ days: 1 }) : date).toPlainDateTime(closes), timeZone)
    if (fromMs < untilMs) spans.push({ fromMs, untilMs })
  }
  return spans
}

/** When the clock of a zone first shows this time, or a later one. */
function firstShownMs (wall: Temporal.PlainDateTime, timeZone: string): number {
  const at = wall.toZonedDateTime(timeZone, { disambiguation: 'earlier' })
  if (at.toPlainDateTime().equals(wall)) return at.epochMilliseconds
  // Skipped: that was the same distance before the jump.
  return at.getTimeZoneTransition('next')?.epochMilliseconds ?? at.epochMilliseconds
}
