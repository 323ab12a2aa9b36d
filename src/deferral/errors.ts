/**
 * Says why the file of deferred deletes cannot be used, and what to do. The message is for the person who starts the
 * proxy.
 */
export class DeferralFileError extends Error {
  /** As of the settings: told as it is, without a stack. */
  readonly faults: readonly string[]

  constructor (message: string) {
    super(message)
    this.name = 'DeferralFileError'
    this.faults = [message]
  }
}
