import { Moments } from './moments.ts'
import { Others } from './others.ts'
import type { Random } from './random.ts'
import type { Settings } from './settings.ts'

/** What happened between two requests further apart than this is not played through. */
const LONGEST_REPLAY_MS = 5000

/** What the account counts at one moment, the request itself not included. */
export interface Count {
  readonly exact: number
  /** As old as the settings' header lag allows. */
  readonly lagging: number
}

/**
 * The concurrency of one account: who is in, who may come in. Other clients act between the requests under test;
 * they are caught up with whenever a request comes or goes, so nothing here needs a timer.
 */
export class Account {
  readonly sid: string
  readonly #settings: () => Settings
  readonly #moments = new Moments()
  readonly #others: Others
  #lastMs: number
  #own = 0
  #peakOwn = 0
  #otherClients = 0
  #lingering = 0
  #sample = 0
  #nextSampleMs = 0

  constructor (sid: string, settings: () => Settings, random: Random, nowMs: number) {
    this.sid = sid
    this.#settings = settings
    this.#lastMs = nowMs
    const counter = {
      enter: (atMs: number): boolean => {
        if (this.#count() >= this.limit) return false
        this.#refreshSample(atMs)
        this.#otherClients++
        return true
      },
      leave: (atMs: number): void => {
        this.#refreshSample(atMs)
        this.#otherClients--
        this.#linger(atMs)
      }
    }
    this.#others = new Others(this.#moments, counter, settings, random)
  }

  get limit (): number {
    const { limit, limits } = this.#settings()
    return limits[this.sid] ?? limit
  }

  /** Requests under test being carried out now. */
  get own (): number {
    return this.#own
  }

  get peakOwn (): number {
    return this.#peakOwn
  }

  get others (): { readonly admitted: number, readonly refused: number } {
    return this.#others.figures
  }

  /** A request asks for a slot. The count is the one it met. */
  arrive (nowMs: number): { readonly admitted: boolean, readonly count: Count } {
    this.#catchUp(nowMs)
    const count = this.#read(nowMs)
    const admitted = count.exact < this.limit
    if (admitted) {
      this.#own++
      this.#peakOwn = Math.max(this.#peakOwn, this.#own)
    }
    return { admitted, count }
  }

  /** What is counted now; for a request that asks for no slot. */
  look (nowMs: number): Count {
    this.#catchUp(nowMs)
    return this.#read(nowMs)
  }

  /** An admitted request is done. The count is what it leaves behind. */
  depart (nowMs: number): Count {
    this.#catchUp(nowMs)
    const { exact, lagging } = this.#read(nowMs)
    this.#own--
    this.#linger(nowMs)
    return { exact: exact - 1, lagging }
  }

  #count (): number {
    return this.#own + this.#otherClients + this.#lingering + this.#others.slots
  }

  #linger (nowMs: number): void {
    const { accountingLagMs } = this.#settings()
    if (accountingLagMs === 0) return
    this.#lingering++
    this.#moments.add(nowMs + accountingLagMs, (atMs) => {
      this.#refreshSample(atMs)
      this.#lingering--
    })
  }

  #catchUp (nowMs: number): void {
    const gapMs = nowMs - this.#lastMs
    const replayMs = Math.max(LONGEST_REPLAY_MS, this.#settings().accountingLagMs)
    if (gapMs > replayMs) {
      this.#moments.runUntil(this.#lastMs + replayMs)
      this.#moments.putOff(gapMs - replayMs)
    }
    this.#others.adjust(nowMs)
    this.#moments.runUntil(nowMs)
    this.#lastMs = nowMs
  }

  #read (nowMs: number): Count {
    const { lagMs } = this.#settings().headers
    const exact = this.#count()
    if (lagMs === 0) return { exact, lagging: exact }
    this.#refreshSample(nowMs)
    return { exact, lagging: this.#sample }
  }

  // The count moves only through this object, so the value just before a move is the one a clock would have read.
  #refreshSample (nowMs: number): void {
    const { lagMs } = this.#settings().headers
    if (lagMs === 0 || nowMs < this.#nextSampleMs) return
    this.#sample = this.#count()
    this.#nextSampleMs = (Math.floor(nowMs / lagMs) + 1) * lagMs
  }
}
