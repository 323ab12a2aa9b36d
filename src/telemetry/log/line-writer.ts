/**
 * Where the log goes: lines to a file descriptor, gathered and written in the background. A log must never stop traffic
 * nor the end of the process, so whatever the other side does costs lines alone: a reader that has stalled, a disk that
 * is full, a pipe that is broken.
 */
import { write, writeSync } from 'node:fs'

/** Lines gather until they are so many characters, or for so long. */
const BATCH_CHARS = 8192
const GATHER_MS = 200
/** What waits at most, characters; lines beyond are dropped. */
const MAX_WAITING_CHARS = 8 * 1024 * 1024
/** Between two attempts at a pipe that is full. */
const FULL_RETRY_MS = 100
/** After an error lines are dropped for so long: a disk may have room again. */
const PAUSE_MS = 5_000
/** What finish() may take. */
const FINISH_MS = 1_000
const FINISH_RETRY_MS = 10

export class LineWriter {
  readonly #fd: number
  readonly #complain: (error: NodeJS.ErrnoException) => void
  /** Batches; the last one still grows. */
  #batches: string[] = []
  #waitingChars = 0
  /** What is being written, or waits for a full pipe to have room. */
  #current: Buffer | undefined
  #pipeFull = false
  /** A part of #current has been written. */
  #begun = false
  #gathering: NodeJS.Timeout | undefined
  #flushes: Array<() => void> = []
  #paused = false
  #complained = false

  /** `complain` gets the first error. */
  constructor (fd: number, complain: (error: NodeJS.ErrnoException) => void) {
    this.#fd = fd
    this.#complain = complain
  }

  write (line: string): void {
    if (this.#paused || this.#waitingChars + line.length > MAX_WAITING_CHARS) return
    const last = this.#batches.length - 1
    const batch = this.#batches[last]
    if (batch !== undefined && batch.length < BATCH_CHARS) this.#batches[last] = batch + line
    else this.#batches.push(line)
    this.#waitingChars += line.length
    this.#gather()
  }

  /** Calls back when every line so far has been handed to the operating system, or lost. */
  flush (done: () => void): void {
    this.#flushes.push(done)
    this.#next()
  }

  /** What still waits, for the end of the process: at once, and no longer than a second. */
  finish (): void {
    const untilMs = performance.now() + FINISH_MS
    // What the background has in hand by now it still writes, and as a rule within this moment: before what follows.
    if (this.#current !== undefined && !this.#pipeFull) pause()
    let rest = Buffer.concat(
      [...this.#pipeFull && this.#current !== undefined ? [this.#current] : [], Buffer.from(this.#batches.join(''))]
    )
    while (rest.length > 0) {
      try {
        rest = rest.subarray(writeSync(this.#fd, rest))
      } catch (error) {
        if (!isFull(error) || performance.now() > untilMs) return
        pause()
      }
    }
  }

  #gather (): void {
    if (this.#waitingChars >= BATCH_CHARS) {
      this.#next()
      return
    }
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined
      this.#next()
    }, GATHER_MS).unref()
  }

  #next (): void {
    if (this.#current !== undefined) return
    const batch = this.#batches.shift()
    if (batch === undefined) {
      this.#flushed()
      return
    }
    this.#waitingChars -= batch.length
    this.#current = Buffer.from(batch)
    this.#begun = false
    this.#writeOn(this.#current)
  }

  #writeOn (bytes: Buffer): void {
    this.#pipeFull = false
    write(this.#fd, bytes, (error, written) => {
      if (error !== null) this.#failed(error, bytes)
      else this.#written(bytes.subarray(written))
    })
  }

  #written (rest: Buffer): void {
    if (rest.length > 0) {
      this.#current = rest
      this.#begun = true
      this.#writeOn(rest)
      return
    }
    this.#current = undefined
    if (this.#flushes.length > 0) this.#next()
    else if (this.#waitingChars > 0) this.#gather()
  }

  #failed (error: NodeJS.ErrnoException, bytes: Buffer): void {
    if (isFull(error)) {
      this.#pipeFull = true
      setTimeout(() => { this.#writeOn(bytes) }, FULL_RETRY_MS).unref()
      return
    }
    // Half a line may stand there: whatever comes later begins a line of its own.
    this.#batches = this.#begun ? ['\n'] : []
    this.#waitingChars = this.#batches.length
    this.#current = undefined
    this.#flushed()
    this.#paused = true
    setTimeout(() => { this.#paused = false }, PAUSE_MS).unref()
    if (this.#complained) return
    this.#complained = true
    this.#complain(error)
  }

  #flushed (): void {
    const done = this.#flushes
    this.#flushes = []
    for (const call of done) call()
  }
}

/** Holds the whole process. */
function pause (): void { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FINISH_RETRY_MS) }

const isFull = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EAGAIN'
