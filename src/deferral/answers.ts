/** What a client is told whose delete was to be deferred. */
import type { Answer } from '../proxy/reply/answers.ts'
import { errorBody, TWILIO_CODES } from '../twilio/bodies/error-body.ts'

/** Accepted and stored (RFC 9110, section 15.3.3; RFC 7240, section 4.1). */
export function accepted (id: string, url: string): Answer {
  return json(
    202,
    JSON.stringify({ id, state: 'queued', url }),
    { location: url, 'preference-applied': 'respond-async' }
  )
}

/** Something has to be set up first: 400, which no SDK sends again. */
export function notSetUp (what: string): Answer {
  return json(400, errorBody(
    400,
    TWILIO_CODES.badRequest,
    `The proxy cannot follow Prefer: respond-async: ${what} The delete was neither stored nor sent.`
  ), NOT_SENT)
}

/** Only the disk is in the way. So it is 500, and Twilio's SDKs know that a 500 may pass. */
export function notWritten (code: string): Answer {
  return json(500, errorBody(
    500,
    TWILIO_CODES.serverError,
    `The proxy cannot follow Prefer: respond-async: deferral.file cannot be written (${code}). The delete was neither stored nor sent.`
  ), NOT_SENT)
}

const NOT_SENT = { 'governor-outcome': 'not_sent' }

const json = (statusCode: number, text: string, headers: Record<string, string> = {}): Answer =>
  ({ statusCode, headers: { 'content-type': 'application/json', ...headers }, body: Buffer.from(text), own: true })
