import { withOverrides } from '../../twilio/bodies/callback-overrides.ts'
import type { Exchange } from '../exchange-state.ts'
import { headerOf } from './headers.ts'

/**
 * The body as it goes to Twilio: with connection overrides where the settings add some, and it is a form that nobody
 * has signed.
 */
export function withCallbackOverrides (
  { body, identity: { rawHeaders } }: Exchange,
  fragment: string | undefined
): Buffer | null {
  if (fragment === undefined || body === null || !isPlainForm(rawHeaders)) return body
  // One character a byte: whatever the form holds comes out as it went in.
  const changed = withOverrides(body.toString('latin1'), fragment)
  return changed === undefined ? body : Buffer.from(changed, 'latin1')
}

function isPlainForm (rawHeaders: readonly string[]): boolean {
  const isForm = headerOf(rawHeaders, 'content-type')?.toLowerCase().startsWith(
    'application/x-www-form-urlencoded'
  ) === true
  return isForm &&
    headerOf(rawHeaders, 'twilio-client-validation') === undefined &&
    headerOf(rawHeaders, 'content-encoding') === undefined
}
