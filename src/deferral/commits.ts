/**
 * Writes that come in one turn of the event loop share one transaction, and so one wait for the disk: a client that
 * sends hundreds of deletes at once is answered after a few.
 *
 * SQLite overwrites erased data in its file, but its write-ahead log still has the old pages. After a write that
 * erases, the log is emptied: at once, and then at most once in `EMPTY_EVERY_MS`, because that waits for the disk, too.
 */
import type { Clock, Timer } from '../proxy/ports/clock.ts'
import type { Database } from './database.ts'

const EMPTY_EVERY_MS = 250

interface Write {
  readonly run: () => void
  readonly fail: (error: Error) => void
  readonly done: () => void
  readonly erases: boolean
}

export class Commits {
  readonly #db: Database.Database
  readonly #clock: Clock
  #waiting: Write[] = []
  /** The log may have what was erased. */
  #toEmpty = false
  /** Running until the log may be emptied again. */
  #rest: Timer | undefined

  constructor (db: Database.Database, clock: Clock) {
    this.#db = db
    this.#clock = clock
  }

  /**
   * Resolves with what `write` returns once that is on the disk. `erases`: what it overwrites must not be found in any
   * file.
   */
  add <T>(write: () => T, erases = false): Promise<T> {
    return new Promise((resolve, reject) => {
      let value: T
      if (this.#waiting.length === 0) setImmediate(() => { this.flush() })
      this.#waiting.push({ run: () => { value = write() }, fail: reject, done: () => { resolve(value) }, erases })
    })
  }

  flush (): void {
    const writes = this.#waiting
    if (writes.length === 0) return
    this.#waiting = []
    try {
      this.#db.exec('begin immediate')
      try {
        for (const { run } of writes) run()
        this.#db.exec('commit')
      } catch (error) {
        if (this.#db.inTransaction) this.#db.exec('rollback')
        throw error
      }
    } catch (error) {
      for (const { fail } of writes) fail(error instanceof Error ? error : new Error('not written'))
      return
    }
    if (writes.some(({ erases }) => erases)) {
      this.#toEmpty = true
      this.#emptyLog()
    }
    for (const { done } of writes) done()
  }

  /** Nothing is written any more. */
  close (): void {
    this.flush()
    if (this.#rest !== undefined) this.#clock.clearTimer(this.#rest)
  }

  #emptyLog (): void {
    if (!this.#toEmpty || this.#rest !== undefined) return
    try {
      this.#db.pragma('wal_checkpoint(truncate)')
      this.#toEmpty = false
    } catch { /* a full disk: tried again */ }
    this.#rest = this.#clock.setTimer(() => {
      this.#rest = undefined
      this.#emptyLog()
    }, EMPTY_EVERY_MS)
  }
}
