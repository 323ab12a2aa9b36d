const REPLAYABLE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE'])

/**
 * May a request be sent again although the first attempt may have been processed?
 * Twilio: GET and DELETE are "always safe" to retry, a POST can make a second message or call.
 * https://www.twilio.com/docs/api/errors/20500
 */
export const isReplayable = (method: string): boolean => REPLAYABLE.has(method)

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/** Does a request change nothing at Twilio? Only such a one may be cut while it is in flight. */
export const isRead = (method: string): boolean => READS.has(method)
