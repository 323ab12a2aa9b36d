/**
 * Writes that come in one turn of the event loop share one transaction, and so one wait for the disk: a client that
 * sends hundreds of deletes at once is answered after a few.
 */
import type { Database } from './database.ts'

interface Write {
  readonly run: () => void
  readonly fail: (error: Error) => void
  readonly done: () => void
}

export class Commits {
  readonly #db: Database.Database
  #waiting: Write[] = []

  constructor (db: Database.Database) {
    this.#db = db
  }

  /** Resolves with what `write` returns once that is on the disk. */
  add <T>(write: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      let value: T
      if (this.#waiting.length === 0) setImmediate(() => { this.flush() })
      this.#waiting.push({ run: () => { value = write() }, fail: reject, done: () => { resolve(value) } })
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
    for (const { done } of writes) done()
  }
}
