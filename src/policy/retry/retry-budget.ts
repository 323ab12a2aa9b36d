export interface RetryBudgetOptions {
  /** Retries earned by one exchange, 0…1: 0.2 lets an outage add a fifth to the load, not triple it. */
  readonly budgetRatio: number
  /** Retries that are always in hand at the start, and the most that can be saved up above the earned ones. */
  readonly budgetMin: number
}

/**
 * Pays for retries that Twilio may have to work for (5xx, resets, timeouts of reads); a 429 costs Twilio
 * nothing and needs no budget. Deposits are capped at ten times the minimum, so a quiet day does not
 * save up a storm. Never negative.
 */
export class RetryBudget {
  readonly #options: RetryBudgetOptions
  #balance: number

  constructor (options: RetryBudgetOptions) {
    this.#options = options
    this.#balance = options.budgetMin
  }

  get balance (): number { return this.#balance }

  /** An exchange begins. */
  deposit (): void {
    const most = Math.max(1, this.#options.budgetMin * 10)
    if (this.#balance < most) this.#balance = Math.min(most, this.#balance + this.#options.budgetRatio)
  }

  /** Takes one retry out; false when there is none left. */
  withdraw (): boolean {
    if (this.#balance < 1) return false
    this.#balance -= 1
    return true
  }
}
