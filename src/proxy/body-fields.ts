import { bodyField } from '../twilio/body-field.ts'
import type { ReadField } from '../twilio/match.ts'
import type { Exchange } from './exchange-state.ts'
import { headerOf } from './headers.ts'

/** Reads fields of an exchange's body. Nothing is decoded before the first is asked for; what is packed is not looked into. */
export function fieldsOf ({ body, identity: { rawHeaders } }: Exchange): ReadField {
  let text: string | undefined
  return (name) => {
    if (body === null || headerOf(rawHeaders, 'content-encoding') !== undefined) return undefined
    text ??= body.toString('utf8')
    return bodyField(text, headerOf(rawHeaders, 'content-type'), name)
  }
}
