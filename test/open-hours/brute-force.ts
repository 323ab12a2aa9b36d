/**
 * What a window means, looked up minute by minute on the zone's own clock, as Intl shows it: a window of a date is open from
 * the first minute that shows its beginning or later to the first that shows its end or later.
 */
import type { HoursSpec } from '../../src/open-hours/spans.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const NAMES = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

/** What a clock on the wall shows, as text that sorts as time does: `2026-03-29 01:59`. */
function wallClock (timeZone: string): (epochMs: number) => string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })
  return (epochMs) => format.format(epochMs)
}

const addDays = (date: string, days: number): string => new Date(Date.parse(`${date}T00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)

const shownBefore = new Map<string, readonly string[]>()

function shownFrom (timeZone: string, fromMs: number, minutes: number): readonly string[] {
  const key = `${timeZone} ${fromMs} ${minutes}`
  const clock = wallClock(timeZone)
  const shown = shownBefore.get(key) ?? Array.from({ length: minutes }, (_, i) => clock(fromMs + i * MINUTE_MS))
  shownBefore.set(key, shown)
  return shown
}

/** For each minute from a moment on: is any of the windows open? */
export function openMinutes (specs: readonly HoursSpec[], fromMs: number, minutes: number): boolean[] {
  const open = Array.from({ length: minutes }, () => false)
  // What began up to two days before may be open still, and ends up to two days later have to be found.
  const [first, last] = [-2 * 1440, minutes + 2 * 1440]
  for (const { days, from, to, timeZone } of specs) {
    const shown = shownFrom(timeZone, fromMs + first * MINUTE_MS, last - first)
    const dates = new Set(shown.map((text) => text.slice(0, 10)))
    const firstAt = (text: string): number => first + shown.findIndex((wall) => wall >= text)
    // The very first date has no beginning here.
    for (const date of [...dates].slice(1, -2)) {
      const day = NAMES[new Date(`${date}T00:00Z`).getUTCDay()]!
      if (days !== undefined && !days.includes(day)) continue
      const [begin, end] = [firstAt(`${date} ${from}`), firstAt(`${to <= from ? addDays(date, 1) : date} ${to}`)]
      for (let i = Math.max(0, begin); i < Math.min(end, minutes); i++) open[i] = true
    }
  }
  return open
}
