/**
 * Counts recent sends by key against a maximum, and so decides for a spend cap.
 *
 *     grain  = intervalMs / GRAINS
 *     used   = sends in the current grain and the GRAINS before it
 *     a send is allowed while used < max
 *
 * The grains are never shorter than the interval, so no interval of that length has more than `max` sends in it,
 * wherever it begins. They are longer by at most one grain, so room comes back that late. (The usual counter of two
 * buckets assumes that the sends of the earlier one were spread evenly. If they were not, it lets nearly twice the
 * maximum through.)
 */
export interface SpendLimit {
  /** Most sends of one key in any interval; 0 allows none. */
  readonly max: number
  /** Milliseconds. */
  readonly intervalMs: number
}

/** Sends of one key in one grain. */
interface Grain {
  /** Counted from the clock's start. */
  readonly number: number
  sends: number
}

/** Parts of an interval that are told apart. */
export const GRAINS = 20
/** Keys counted at once; the one that was counted longest ago is forgotten for a new one. */
const KEYS_MOST = 50_000
/** Keys watched for the fullest: all are, while there are no more. */
const WATCHED_MOST = 32
/** Old keys that a new one looks at, and drops when nothing of them counts any more. */
const LOOKS_MOST = 2

export class SpendGuard {
  readonly #max: number
  readonly #grainMs: number
  readonly #keysMost: number
  /** Grains that had sends, oldest first, by key; the key that was counted last stands last. */
  readonly #keys = new Map<string, Grain[]>()
  /** Keys that were among the fullest when they were last counted: to look at all of them takes too long. */
  readonly #watched = new Set<string>()

  constructor ({ max, intervalMs }: SpendLimit, keysMost = KEYS_MOST) {
    this.#max = max
    this.#grainMs = intervalMs / GRAINS
    this.#keysMost = keysMost
  }

  get size (): number { return this.#keys.size }

  used (key: string, nowMs: number): number {
    return this.#usedIn(this.#keys.get(key) ?? [], nowMs)
  }

  /** When so many sends of this key are allowed at once: undefined for now, Infinity for never. */
  roomAtMs (key: string, nowMs: number, wanted = 1): number | undefined {
    if (wanted > this.#max) return Infinity
    const grains = this.#keys.get(key) ?? []
    let surplus = this.#usedIn(grains, nowMs) - this.#max + wanted
    if (surplus <= 0) return undefined
    const oldest = this.#oldestOf(nowMs)
    for (const { number, sends } of grains) {
      if (number < oldest) continue
      surplus -= sends
      if (surplus <= 0) return (number + GRAINS + 1) * this.#grainMs
    }
    return undefined
  }

  /** Counts sends, allowed or not, and returns what takes them back. */
  count (key: string, nowMs: number, sends = 1): number {
    const oldest = this.#oldestOf(nowMs)
    const grains = (this.#keys.get(key) ?? this.#makeRoom(nowMs)).filter(({ number }) => number >= oldest)
    const now = oldest + GRAINS
    const last = grains.at(-1)
    if (last?.number === now) last.sends += sends
    else grains.push({ number: now, sends })
    this.#keys.delete(key)
    this.#keys.set(key, grains)
    this.#watch(key, grains, nowMs)
    return now
  }

  /** The sends turned out to be none. `number` is what count returned. */
  takeBack (key: string, number: number, sends = 1): void {
    const grains = this.#keys.get(key)
    const grain = grains?.find((grain) => grain.number === number)
    if (grains === undefined || grain === undefined) return
    grain.sends -= sends
    if (grain.sends > 0) return
    grains.splice(grains.indexOf(grain), 1)
    if (grains.length === 0) this.#keys.delete(key)
  }

  /** The keys with the most sends, the fullest first. Among many, one that was counted long ago may be left out. */
  fullest (nowMs: number, most: number): ReadonlyArray<{ readonly key: string, readonly used: number }> {
    return [...this.#watched]
      .map((key) => ({ key, used: this.used(key, nowMs) }))
      .filter(({ used }) => used > 0)
      .sort((a, b) => b.used - a.used)
      .slice(0, most)
  }

  /** A key takes the place of the emptiest that is watched, if it is fuller. */
  #watch (key: string, grains: readonly Grain[], nowMs: number): void {
    if (this.#watched.has(key)) return
    if (this.#watched.size < WATCHED_MOST) {
      this.#watched.add(key)
      return
    }
    let emptiest = ''
    let least = this.#usedIn(grains, nowMs)
    for (const watched of this.#watched) {
      const used = this.used(watched, nowMs)
      if (used < least) [emptiest, least] = [watched, used]
    }
    if (this.#watched.delete(emptiest)) this.#watched.add(key)
  }

  #usedIn (grains: readonly Grain[], nowMs: number): number {
    const oldest = this.#oldestOf(nowMs)
    let used = 0
    for (const { number, sends } of grains) if (number >= oldest) used += sends
    return used
  }

  /** A key's first grains, with room for it among the others. */
  #makeRoom (nowMs: number): Grain[] {
    let looks = 0
    for (const [key, grains] of this.#keys) {
      if (looks++ === LOOKS_MOST) break
      if (this.#keys.size >= this.#keysMost || this.#usedIn(grains, nowMs) === 0) this.#keys.delete(key)
    }
    return []
  }

  /** The oldest grain that still counts. */
  #oldestOf (nowMs: number): number { return Math.floor(nowMs / this.#grainMs) - GRAINS }
}
