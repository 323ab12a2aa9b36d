import type { OpenHours } from '../proxy/ports/open-hours.ts'
import { spansOf, type Span, type HoursSpec } from './spans.ts'

/** Days looked ahead: an hour on one day a week that a clock change leaves out comes again after two weeks. */
const AHEAD_DAYS = 16
const DAY_MS = 86_400_000
/** What was open longer ago may have been left out of the look back. */
const KNOWN_BACK_MS = DAY_MS / 2

/** The time during which what is known holds: open or closed, one or the other. */
interface State extends Span {
  readonly isOpen: boolean
}

/**
 * Open while any of the specs is. The present state is remembered, so all calls but the first after a change are a
 * comparison.
 */
export function createOpenHours (specs: readonly HoursSpec[]): OpenHours {
  let state: State = { fromMs: 0, untilMs: 0, isOpen: false }

  function at (epochMs: number): State {
    // The clock may have been set back.
    if (epochMs < state.fromMs || epochMs >= state.untilMs) state = stateAt(specs, epochMs)
    return state
  }

  return {
    opensInMs: (epochMs) => {
      const { isOpen, untilMs } = at(epochMs)
      return isOpen ? 0 : untilMs - epochMs
    },
    closesInMs: (epochMs) => {
      const { isOpen, untilMs } = at(epochMs)
      return isOpen ? untilMs - epochMs : 0
    }
  }
}

function stateAt (specs: readonly HoursSpec[], epochMs: number): State {
  const horizonMs = epochMs + (AHEAD_DAYS - 2) * DAY_MS
  const spans = merged(specs.flatMap((spec) => spansOf(spec, epochMs, AHEAD_DAYS)))
  const next = spans.findIndex(({ untilMs }) => untilMs > epochMs)
  const found = spans[next]
  if (found === undefined) return { fromMs: epochMs, untilMs: horizonMs, isOpen: false }
  if (found.fromMs <= epochMs) {
    return { fromMs: found.fromMs, untilMs: Math.min(found.untilMs, horizonMs), isOpen: true }
  }
  return {
    fromMs: Math.max(spans[next - 1]?.untilMs ?? epochMs, epochMs - KNOWN_BACK_MS),
    untilMs: Math.min(found.fromMs, horizonMs),
    isOpen: false
  }
}

/** In their order, and those that touch made one. */
function merged (spans: readonly Span[]): Span[] {
  const whole: Span[] = []
  for (const span of [...spans].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = whole.at(-1)
    if (last === undefined || span.fromMs > last.untilMs) whole.push(span)
    else whole[whole.length - 1] = { fromMs: last.fromMs, untilMs: Math.max(last.untilMs, span.untilMs) }
  }
  return whole
}
