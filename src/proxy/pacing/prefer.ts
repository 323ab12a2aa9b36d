import { membersOf } from '../../twilio/headers/field-list.ts'
import type { Exchange } from '../exchange-state.ts'
import { headerOf } from '../forward/headers.ts'

/**
 * May this be deferred? Only a delete with a credential and without a body, whose client asks for it (RFC 7240, section
 * 4.1). A signature (Public Key Client Validation) is good for minutes.
 */
export function mayDefer ({ bodyBytes, identity: { method, authorization, brokered, rawHeaders } }: Exchange): boolean {
  return method === 'DELETE' &&
    (brokered === true || authorization !== undefined) &&
    bodyBytes === 0 &&
    prefersAsync(rawHeaders) &&
    headerOf(rawHeaders, 'twilio-client-validation') === undefined
}

/** `Prefer` is a list, and may come several times; a preference may have parameters. */
function prefersAsync (rawHeaders: readonly string[]): boolean {
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === 'prefer' &&
      membersOf(rawHeaders[i + 1]).some((member) => /^respond-async[ \t]*(?:;|$)/i.test(member))) return true
  }
  return false
}
