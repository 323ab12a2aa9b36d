/**
 * Remembers requests that went wrong, so that the proxy recognises the same request when it comes again: as a retry of
 * the program above us, or as a second create whose first Twilio may have processed.
 *
 * It knows requests only by a digest. The memory is bounded, and forgets the oldest first. No storm of failures makes
 * it forget a create that Twilio may have processed.
 */

/**
 * What is known of a request: `failed` did nothing at Twilio that a repeat would double; `unknown` may have been
 * processed; `processed` was thought unknown until its answer came after all.
 */
export type Past = 'failed' | 'unknown' | 'processed'

export interface Repeat {
  readonly past: Past
  /** Status that the request before it was told; 0 when its client had left. */
  readonly status: number
  /** How long ago that was, milliseconds. */
  readonly agoMs: number
}

/**
 * A repeat within so long after an answer is a program's retry, milliseconds. twilio-java waits 100 ms after a 5xx and
 * a second after a 429, twilio-node 3 s at most.
 */
export const STACKED_MS = 4_000

/** Most requests remembered of each kind; each takes some 200 bytes. */
export const REMEMBERED_MOST = 10_000

interface Entry {
  readonly past: Past
  readonly status: number
  readonly atMs: number
}

export class RepeatMemory {
  readonly #failed: Recent
  readonly #unsure: Recent

  /** `windowMs`: for so long what may have been processed is remembered, milliseconds. */
  constructor (windowMs: number, most = REMEMBERED_MOST) {
    this.#failed = new Recent(STACKED_MS, most)
    this.#unsure = new Recent(windowMs, most)
  }

  get size (): number { return this.#failed.size + this.#unsure.size }

  /** A request went wrong. That an earlier one of its kind may have been processed is not forgotten for it. */
  note (digest: string, past: Exclude<Past, 'processed'>, status: number, nowMs: number): void {
    const kept = this.#unsure.get(digest, nowMs)
    if (past === 'unknown' ||
      kept !== undefined) this.#unsure.set(digest, { past: kept?.past ?? past, status, atMs: nowMs })
    else this.#failed.set(digest, { past, status, atMs: nowMs })
  }

  /** What Twilio said in the end of a request whose outcome was unknown. */
  settle (digest: string, wasProcessed: boolean, nowMs: number): void {
    const known = this.#unsure.get(digest, nowMs)
    if (known?.past !== 'unknown') return
    if (wasProcessed) this.#unsure.replace(digest, { ...known, past: 'processed' })
    else this.#unsure.delete(digest)
  }

  /** Has this request gone wrong before? A failure is recognised once: what comes of the repeat is news of its own. */
  recognise (digest: string, nowMs: number): Repeat | undefined {
    const known = this.#unsure.get(digest, nowMs) ?? this.#failed.get(digest, nowMs)
    this.#failed.delete(digest)
    return known && { past: known.past, status: known.status, agoMs: nowMs - known.atMs }
  }

  /** Forgets what is too old to matter; true when nothing is left that could be recognised. */
  isEmpty (nowMs: number): boolean {
    return this.#failed.isEmpty(nowMs) && this.#unsure.isEmpty(nowMs)
  }
}

/** Entries by the time they were made. */
class Recent {
  readonly #lastsMs: number
  readonly #most: number
  readonly #entries = new Map<string, Entry>()

  constructor (lastsMs: number, most: number) {
    this.#lastsMs = lastsMs
    this.#most = most
  }

  get size (): number { return this.#entries.size }

  get (digest: string, nowMs: number): Entry | undefined {
    const entry = this.#entries.get(digest)
    return entry !== undefined && this.#isFresh(entry, nowMs) ? entry : undefined
  }

  /** The newest comes last. */
  set (digest: string, entry: Entry): void {
    this.#entries.delete(digest)
    this.#entries.set(digest, entry)
    if (this.#entries.size > this.#most) this.#dropFirst()
  }

  /** It keeps its place, as it keeps its time. */
  replace (digest: string, entry: Entry): void { this.#entries.set(digest, entry) }
  delete (digest: string): void { this.#entries.delete(digest) }

  isEmpty (nowMs: number): boolean {
    for (const entry of this.#entries.values()) {
      if (this.#isFresh(entry, nowMs)) return false
      this.#dropFirst()
    }
    return true
  }

  #isFresh ({ atMs }: Entry, nowMs: number): boolean { return nowMs - atMs <= this.#lastsMs }

  #dropFirst (): void {
    const { value: first } = this.#entries.keys().next()
    if (first !== undefined) this.#entries.delete(first)
  }
}
