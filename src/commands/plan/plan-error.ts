/** A fault that the user can repair, in one sentence. */
export class PlanError extends Error {
  readonly faults: readonly string[]

  constructor (message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'PlanError'
    this.faults = [message]
  }
}
