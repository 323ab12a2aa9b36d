import type { MethodKind } from '../policy/retry/retry-policy.ts'

/** Methods that go on to Twilio. */
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

/**
 * What a request of this method may do when it is sent again although its first attempt may have been processed.
 * Twilio: GET and DELETE are "always safe" to retry, a POST can make a second message or call.
 * https://www.twilio.com/docs/api/errors/20500
 */
export function kindOf (method: string): MethodKind {
  switch (method) {
    case 'GET':
    case 'HEAD': return 'read'
    case 'DELETE': return 'delete'
    default: return 'write'
  }
}

/** May a request be sent again although the first attempt may have been processed? */
export const isReplayable = (method: string): boolean => kindOf(method) !== 'write'

/** Does a request change nothing at Twilio? Only such a one may be cut while it is in flight. */
export const isRead = (method: string): boolean => kindOf(method) === 'read'
