/** Things to do later. Node keeps timers of one length in one list, so thousands are cheap. */
export class Delays {
  readonly #timers = new Set<NodeJS.Timeout>()

  /** Runs at once when there is nothing to wait for. */
  after (delayMs: number, run: () => void): void {
    if (delayMs <= 0) {
      run()
      return
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      run()
    }, delayMs)
    this.#timers.add(timer)
  }

  /** Drops everything that was still to be done. */
  clear (): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }
}
