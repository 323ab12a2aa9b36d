/** What the listener does about a request whose framing is refused. */
import type { IncomingMessage } from 'node:http'
import { TWILIO_CODES } from '../../twilio/bodies/error-body.ts'
import type { Connection } from '../clients/connections.ts'
import { RefusalError } from '../errors.ts'
import type { Framed, FramingRefusal } from './framing.ts'

/** `target`: as the request line has it, whatever the server made of it since. */
export const framingOf = ({ httpVersion, method = '', rawHeaders }: IncomingMessage, target: string): Framed =>
  ({ httpVersion, method, target, rawHeaders })

/** What follows a request whose end is in doubt may be a part of it. */
export function refuseFraming (refusal: FramingRefusal | undefined, connection: Connection): void {
  if (refusal === undefined) return
  connection.closeAfterAnswers()
  throw new RefusalError(
    refusal.status,
    TWILIO_CODES.badRequest,
    'bad_request',
    `${refusal.sentence} Nothing was sent to Twilio.`
  )
}

/** The refusal of trailer fields: a body is sent on with its length, which leaves no place for them. */
export function refuseTrailers ({ rawTrailers }: IncomingMessage): RefusalError | undefined {
  if (rawTrailers.length === 0) return undefined
  return new RefusalError(
    400,
    TWILIO_CODES.badRequest,
    'bad_request',
    'The request has trailer fields, which the proxy does not forward. Use headers instead. Nothing was sent to Twilio.'
  )
}
