import type { Call, Reply } from './call.ts'
import { missing, notFound } from '../model/answers/errors.ts'
import type { Place } from './place.ts'
import { failed, keyOf } from './routes-resource.ts'
import { styleOf } from '../style.ts'

/** The one code that is never right. */
const WRONG_CODE = '000000'

/** Checks a code: the newest verification of that number, or the one named, is approved by any code but one. */
export function serveVerificationCheck (call: Call, place: Place): Reply {
  const { params, world } = call
  const name = params['VerificationSid'] ?? params['To'] ?? ''
  if (name === '') return failed(call, missing('To', 60200))
  const collection = keyOf(call, place.collection.replace(/VerificationCheck$/, 'Verifications'))
  const verification = world.resources.get(collection, name) ??
    world.resources.find(collection, ({ to, status }) => to === name && status === 'pending')
  if (verification === undefined) return failed(call, notFound(call.path))
  const right = params['Code'] !== WRONG_CODE
  const checked = world.resources.change(collection, verification.sid, right
    ? { status: 'approved', valid: true, date_updated: styleOf(call).now() }
    : { date_updated: styleOf(call).now() })
  const {
    sid,
    service_sid: service,
    to,
    channel,
    status,
    valid,
    amount,
    payee,
    account_sid: account,
    date_created: created,
    date_updated: updated
  } =
    checked ?? verification
  const body = {
    sid,
    service_sid: service,
    account_sid: account,
    to,
    channel,
    status,
    valid,
    amount,
    payee,
    sna_attempts_error_codes: [],
    date_created: created,
    date_updated: updated
  }
  return { ...styleOf(call).resource(201, place.name, body), created: 'VerificationCheck' }
}
