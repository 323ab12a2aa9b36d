/**
 * What a log says of an account's ceiling at Twilio. Its lines show how many requests were at Twilio at each moment.
 * When Twilio throttled one, as many as the account allows were there.
 *
 *     ceiling ≈ 90th percentile of the levels at 429s,
 *               without those below half of the highest level served
 *
 * Not their median: a line shows only roughly when a throttled attempt was made, and that makes a level seem lower.
 * Levels count our own requests while they are at Twilio. If Twilio does not say what it took, they include the wire.
 * They do not include other clients of the account. A 429 far below what was served shortly before or after is a
 * route's own.
 */
export interface CeilingGuess {
  /** Requests at once; undefined if no 429 shows it. */
  readonly ceiling: number | undefined
  /** The most that were at Twilio at once. */
  readonly highest: number
  /** 429s that the guess rests on, and those taken for limits of single routes. */
  readonly refusals: number
  readonly ofRoutes: number
  /** Half of the levels at 429s are at this or higher. */
  readonly median: number
  /**
   * `sure`: twenty 429s or more, their median within a tenth of the guess. `fair`: five, within a quarter. Else
   * `rough`.
   */
  readonly confidence: 'sure' | 'fair' | 'rough' | 'none'
}

export class AccountLevels {
  #now = 0
  #highest = 0
  readonly #refusedAt = new Map<number, number>()

  begin (): void { this.#highest = Math.max(this.#highest, ++this.#now) }
  end (): void { this.#now-- }

  /** Twilio throttled one, beside those that are there. */
  refuse (): void { this.#refusedAt.set(this.#now, (this.#refusedAt.get(this.#now) ?? 0) + 1) }

  guess (): CeilingGuess {
    const levels = [...this.#refusedAt].sort(([a], [b]) => a - b)
    const ofAccount = levels.filter(([level]) => level > 0 && level >= this.#highest / 2)
    const [all, refusals] = [total(levels), total(ofAccount)]
    const found = { highest: this.#highest, refusals, ofRoutes: all - refusals }
    if (refusals === 0) return { ...found, ceiling: undefined, median: 0, confidence: 'none' }
    const at = (part: number): number => levelAt(ofAccount, part * refusals)
    const [median, ceiling] = [at(0.5), at(0.9)]
    const spread = 1 - median / ceiling
    const confidence = refusals >= 20 && spread <= 0.1 ? 'sure' : refusals >= 5 && spread <= 0.25 ? 'fair' : 'rough'
    return { ...found, ceiling, median, confidence }
  }
}

type Levels = ReadonlyArray<readonly [level: number, count: number]>

const total = (levels: Levels): number => levels.reduce((sum, [, count]) => sum + count, 0)

function levelAt (levels: Levels, rank: number): number {
  let left = Math.max(1, Math.ceil(rank))
  for (const [level, count] of levels) {
    left -= count
    if (left <= 0) return level
  }
  return 0
}
