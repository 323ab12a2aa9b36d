import type { Call, Reply } from './call.ts'
import { kindOf } from './kinds-products.ts'
import { notFound } from '../model/answers/errors.ts'
import { placeOf } from './place.ts'
import { isTokenRequest, serveToken } from './routes-oauth.ts'
import { failed, serveResource } from './routes-resource.ts'
import { serveV2010 } from './routes-v2010.ts'
import { serveVerificationCheck } from './routes-verify.ts'

/** Carries a request out: this is where resources come to be and go. */
export function carryOut (call: Call): Reply {
  if (isTokenRequest(call)) return serveToken(call)
  const place = placeOf(call.path)
  if (place.name === '') return failed(call, notFound(call.path))
  if (call.path.startsWith('/2010-04-01/')) return serveV2010(call, place)
  if (call.product === 'verify' && place.name === 'VerificationCheck' && call.method === 'POST') {
    return serveVerificationCheck(call, place)
  }
  return serveResource(call, place, kindOf(call.product, place.name))
}
