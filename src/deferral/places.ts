/** So many jobs at once, and nobody waits in the way of a request here: that is what Bottleneck is for. */
import Bottleneck from 'bottleneck'

export class Places {
  readonly #atOnce: number
  #limiter: Bottleneck

  constructor (atOnce: number) {
    this.#atOnce = atOnce
    this.#limiter = this.#create()
  }

  /** Runs `job` when there is a place; false when it was dropped before it began. */
  async take (job: () => Promise<void>): Promise<boolean> {
    try {
      await this.#limiter.schedule(job)
      return true
    } catch (error) {
      if (error instanceof Bottleneck.BottleneckError) return false
      throw error
    }
  }

  /**
   * After the wall clock was set back: Bottleneck dates its next start by it, even without a minTime, and would wait as
   * long as the step. Jobs that have begun go on, those that have not are dropped.
   */
  renew (): void {
    void this.#limiter.stop({ dropWaitingJobs: true }).catch(() => {})
    this.#limiter = this.#create()
  }

  #create (): Bottleneck { return new Bottleneck({ maxConcurrent: this.#atOnce }) }
}
