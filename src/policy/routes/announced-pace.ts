/**
 * The pace of a route that announces its limit. `limit` requests in `intervalMs` are started one by one, evenly:
 *
 *     gapMs = stretch · (intervalMs + MARGIN_MS) / limit
 *
 * so that no interval holds more than `limit` of them when they arrive, wherever it begins and whatever kind of window
 * or bucket counts them: what the wire adds to one and not to another is covered by the margin. `stretch` is 1 until
 * refusals contradict the announcement. A start that had to wait for a slot of the account may be made up for by an
 * earlier next one, as long as `limit` starts still take an interval.
 */
import type { RouteLimit } from '../limit/limit.ts'

/**
 * The interval where none is told: TaskRouter's published limits are per second.
 * https://twilio.com/en-us/changelog/taskrouter-endpoint-rate-limit-correction
 */
const INTERVAL_MS = 1_000
/**
 * How much later on the wire one request may be than another, milliseconds, and the most of the interval that this may
 * cost.
 */
const MARGIN_MS = 45
const MARGIN_MOST = 0.1
/**
 * A start that was this late, milliseconds, does not delay those after it: timers are late by a millisecond or two, and
 * waiting for a slot of the account takes longer; but what refuses at the pace may not like two starts close together.
 */
const LATE_MS = 5
const LATE_MOST_MS = 100
/** What has been started lately fades over so long, milliseconds: about as long as an answer takes. */
const LATEST_MS = 250
/** Starts remembered, to count them in an interval. Only its pace holds a larger limit. */
const STARTS_MOST = 1_000
/** No pace below this, starts per second; an announcement that would need one is left to refusals. */
const LEAST_PER_SECOND = 0.2
/** An announcement that answers no longer repeat is forgotten after so long, milliseconds. */
const FRESH_MS = 60_000
/** What a refusal against the announcement takes off the pace, once a flight. */
const CUT = 0.1
/** How long a refusal is remembered that may have been the route's, milliseconds. */
const DOUBT_MS = 60_000
/**
 * So much of the pace comes back after so long, and so many successes, without another: that is 1 refusal in 200 at
 * most.
 */
const RELAXED = 0.9
const CALM_MS = 60_000
const CALM_SUCCESSES = 200
/**
 * A raise that is taken back so soon, milliseconds, shows two limits under one route: then the smaller one counts for
 * so long after it was last heard of.
 */
const TAKEN_BACK_MS = 10_000
const MIXED_MS = 60_000
/**
 * `remaining: 0` that our own starts do not explain holds the route; after so many in a row without a refusal it is not
 * believed.
 */
const ZEROS_BELIEVED = 3

export interface AnnouncedPace {
  readonly route: string
  seenAtMs: number
  /** Requests in an interval; 0 when nothing is announced. */
  limit: number
  intervalMs: number
  /** When the request was sent whose answer told it, and when it was last told. */
  toldSentAtMs: number
  heardAtMs: number
  /** Refusals of this route tell its limit as well: one that does not is somebody else's. */
  toldOnRefusal: boolean
  /** Starts, fading over an interval, and fading fast, as of the last one. */
  recent: number
  latest: number
  startedAtMs: number
  nextAtMs: number
  /** The latest `limit` starts, in a ring, and where the oldest of them is. */
  starts: Float64Array
  oldest: number
  /** Time between two starts in the first interval, and its end. Part of that interval was used before. */
  firstGapMs: number
  firstUntilMs: number
  /** The last start that the pace did not allow, since there was none yet or nobody obeys it. */
  overAtMs: number
  stretch: number
  cutAtMs: number
  doubtedAtMs: number
  calmSinceMs: number
  calmSuccesses: number
  raisedAtMs: number
  mixedUntilMs: number
  zeros: number
}

export function createAnnouncedPace (route: string, nowMs: number): AnnouncedPace {
  return {
    route,
    seenAtMs: nowMs,
    limit: 0,
    intervalMs: INTERVAL_MS,
    toldSentAtMs: -Infinity,
    heardAtMs: 0,
    toldOnRefusal: false,
    recent: 0,
    latest: 0,
    startedAtMs: nowMs,
    nextAtMs: 0,
    starts: new Float64Array(0),
    oldest: 0,
    firstGapMs: 0,
    firstUntilMs: 0,
    overAtMs: -Infinity,
    stretch: 1,
    cutAtMs: -Infinity,
    doubtedAtMs: -Infinity,
    calmSinceMs: 0,
    calmSuccesses: 0,
    raisedAtMs: -Infinity,
    mixedUntilMs: -Infinity,
    zeros: 0
  }
}

export const isAnnounced = ({ limit }: AnnouncedPace): boolean => limit > 0

/** Refusals have shown that the announcement is not the whole truth. */
export const isContradicted = ({ stretch }: AnnouncedPace): boolean => stretch > 1

/** Starts per second. */
export const announcedPerSecond = (state: AnnouncedPace): number => isAnnounced(state) ? 1000 / gapMs(state) : 0

const marginMs = (intervalMs: number): number => Math.min(MARGIN_MS, MARGIN_MOST * intervalMs)

const wholeMs = ({ intervalMs }: AnnouncedPace): number => intervalMs + marginMs(intervalMs)

const gapMs = (state: AnnouncedPace): number =>
  Math.min(1000 / LEAST_PER_SECOND, state.stretch * wholeMs(state) / state.limit)

const recentAt = ({ recent, startedAtMs, intervalMs }: AnnouncedPace, nowMs: number): number =>
  recent * Math.exp((startedAtMs - nowMs) / intervalMs)

/** A start takes its place in the pace. True when the pace was what it waited for. */
export function takeAnnouncedTurn (state: AnnouncedPace, nowMs: number): boolean {
  state.recent = recentAt(state, nowMs) + 1
  state.latest = state.latest * Math.exp((state.startedAtMs - nowMs) / LATEST_MS) + 1
  state.startedAtMs = state.seenAtMs = nowMs
  if (!isAnnounced(state)) return false
  const gap = nowMs < state.firstUntilMs ? Math.max(state.firstGapMs, gapMs(state)) : gapMs(state)
  const bound = nowMs - state.nextAtMs < gap
  if (nowMs < state.nextAtMs) state.overAtMs = nowMs
  const inTurnAtMs = Math.max(state.nextAtMs, nowMs - lateMs(state, gap)) + gap
  state.nextAtMs = Math.min(Math.max(inTurnAtMs, hasRoomAtMs(state, nowMs)), nowMs + Math.max(gap, wholeMs(state)))
  return bound
}

const lateMs = (state: AnnouncedPace, gap: number): number =>
  isContradicted(state) || state.starts.length === 0 ? LATE_MS : Math.max(LATE_MS, Math.min(LATE_MOST_MS, gap))

/** This start is remembered. When the next may come, for an interval not to hold more than the limit. */
function hasRoomAtMs (state: AnnouncedPace, nowMs: number): number {
  const { starts } = state
  if (starts.length === 0) return 0
  starts[state.oldest] = nowMs
  state.oldest = (state.oldest + 1) % starts.length
  return (starts[state.oldest] ?? 0) + wholeMs(state) - LATE_MS
}

/** An answer to a request that was sent at `sentAtMs` announces a limit. */
export function hear (
  state: AnnouncedPace,
  { limit, remaining, intervalMs = INTERVAL_MS }: RouteLimit,
  sentAtMs: number,
  nowMs: number
): void {
  if (1000 * limit / intervalMs < LEAST_PER_SECOND) return
  if (limit === state.limit && intervalMs === state.intervalMs) {
    state.toldSentAtMs = Math.max(state.toldSentAtMs, sentAtMs)
    state.heardAtMs = nowMs
    return
  }
  // Answers overtake each other: what was sent earlier knows no better.
  if (sentAtMs < state.toldSentAtMs) return
  const raises = isAnnounced(state) && limit * state.intervalMs > state.limit * intervalMs
  if (raises && nowMs < state.mixedUntilMs && nowMs - state.heardAtMs < TAKEN_BACK_MS) {
    state.mixedUntilMs = nowMs + MIXED_MS
    return
  }
  if (raises) state.raisedAtMs = nowMs
  else if (isAnnounced(state) && nowMs - state.raisedAtMs < TAKEN_BACK_MS) state.mixedUntilMs = nowMs + MIXED_MS
  const before = state.starts
  Object.assign(
    state,
    { limit, intervalMs, toldSentAtMs: sentAtMs, heardAtMs: nowMs, stretch: 1, zeros: 0, firstUntilMs: 0 }
  )
  state.starts = new Float64Array(limit <= STARTS_MOST ? Math.floor(limit) : 0).fill(-Infinity)
  state.oldest = 0
  if (raises) state.nextAtMs = Math.min(state.nextAtMs, state.startedAtMs + gapMs(state))
  else {
    begin(state, remaining === undefined
      ? state.limit - usedAtMost(state, before, nowMs)
      : remaining - startedSince(state, sentAtMs, nowMs), nowMs)
  }
}

/** A pace is announced only now, so what is `left` of this interval is spread over it. */
function begin (state: AnnouncedPace, left: number, nowMs: number): void {
  if (left <= 0) state.overAtMs = state.startedAtMs
  state.firstGapMs = wholeMs(state) / Math.max(1, left)
  state.firstUntilMs = nowMs + wholeMs(state)
  state.nextAtMs = state.startedAtMs + Math.max(state.firstGapMs, gapMs(state))
}

/**
 * Started in the last interval, at most: as remembered, or else as faded, since what has faded for one is still 1 / e
 * of itself.
 */
function usedAtMost (state: AnnouncedPace, starts: Float64Array, nowMs: number): number {
  return starts.length > 0
    ? starts.filter((atMs) => atMs > nowMs - state.intervalMs).length
    : Math.E * recentAt(state, nowMs)
}

/** Started since a request was sent whose answer told what was left, at most. */
const startedSince = (state: AnnouncedPace, sentAtMs: number, nowMs: number): number =>
  Math.min(recentAt(state, nowMs), state.latest * Math.exp((state.startedAtMs - sentAtMs) / LATEST_MS))

/**
 * An answer says that nothing is left of the interval. If that is of our own making, the pace takes care of it: at the
 * pace, every interval ends so. Returns when the interval is over, should somebody else have used it; else 0.
 */
export function nothingLeft (state: AnnouncedPace, sentAtMs: number, paced: boolean, nowMs: number): number {
  const ours = paced || recentAt(state, nowMs) >= state.limit / 2
  if (ours || state.zeros >= ZEROS_BELIEVED) return 0
  state.zeros++
  return sentAtMs + wholeMs(state)
}

/** A success, or another answer that is no refusal: `told` when it announced the limit. */
export function announcedSuccess (state: AnnouncedPace, told: boolean, nowMs: number): void {
  if (!isAnnounced(state)) return
  if (!told && nowMs - state.heardAtMs > FRESH_MS) {
    Object.assign(state, {
      limit: 0,
      intervalMs: INTERVAL_MS,
      starts: new Float64Array(0),
      toldSentAtMs: -Infinity,
      toldOnRefusal: false,
      stretch: 1
    })
    return
  }
  if (!isContradicted(state)) return
  state.calmSuccesses++
  if (state.calmSuccesses < CALM_SUCCESSES || nowMs - state.calmSinceMs < CALM_MS) return
  state.stretch = Math.max(1, RELAXED * state.stretch)
  state.calmSuccesses = 0
  state.calmSinceMs = nowMs
}

/** Was a request sent when more had been started than the announcement allows? Then its refusal was to be expected. */
export const ranOver = (state: AnnouncedPace, sentAtMs: number): boolean =>
  isAnnounced(state) && sentAtMs <= state.overAtMs + state.intervalMs

/**
 * The route refused what was sent at the announced pace: others use it too, or its limit is another than it says.
 * `sure` when the refusal says itself that it is the route's; where it is only judged to be, it takes two.
 */
export function contradict (state: AnnouncedPace, sentAtMs: number, sure: boolean, nowMs: number): void {
  state.zeros = 0
  if (!isAnnounced(state) || ranOver(state, sentAtMs) || sentAtMs <= state.cutAtMs) return
  const isDoubtful = !sure && nowMs - state.doubtedAtMs > DOUBT_MS
  state.doubtedAtMs = nowMs
  if (isDoubtful) return
  state.calmSinceMs = nowMs
  state.calmSuccesses = 0
  state.stretch = Math.min(
    state.stretch / (1 - CUT),
    Math.max(1, 1000 / LEAST_PER_SECOND * state.limit / wholeMs(state))
  )
  state.cutAtMs = nowMs
  state.nextAtMs = Math.max(state.nextAtMs, nowMs + gapMs(state))
}
