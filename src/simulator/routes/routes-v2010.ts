import type { Call, Reply } from './call.ts'
import type { Kind } from './kind.ts'
import { kindOf } from './kinds-products.ts'
import { calls, messages, recordings } from './kinds-v2010.ts'
import { notFound } from '../model/answers/errors.ts'
import type { Place } from './place.ts'
import { build, failed, keyOf, serveResource } from './routes-resource.ts'

// A map, because names come from strangers' paths: an object would know "constructor", too.
const KINDS: ReadonlyMap<string, Kind> = new Map([['Messages', messages], ['Calls', calls]])

const SOUND: ReadonlyMap<string, string> = new Map([['mp3', 'audio/mpeg'], ['wav', 'audio/x-wav']])

/** api.twilio.com: the API of 2010-04-01. */
export function serveV2010 (call: Call, place: Place): Reply {
  if (place.name === 'Recordings') return serveRecordings(call, place)
  return serveResource(call, place, KINDS.get(place.name) ?? kindOf('api', place.name))
}

// One collection an account, whichever path leads to it: a call's recordings are a part of the account's.
function serveRecordings (call: Call, place: Place): Reply {
  const { world, method } = call
  const collection = `/2010-04-01/Accounts/${call.account}/Recordings`
  const whole = { ...place, collection }
  const key = keyOf(call, collection)
  if (world.firstUse(call.account)) {
    const { recordings: count } = world.settings.media
    for (let i = 0; i < count; i++) {
      world.resources.put(
        key,
        build(call, { ...whole, parents: [] }, recordings, `RE${world.ids.hex(32)}`),
        world.settings.maxResources
      )
    }
  }
  const contentType = SOUND.get(place.extension)
  if (contentType !== undefined && (method === 'GET' || method === 'HEAD')) {
    return world.resources.get(key, place.member ?? '') === undefined
      ? failed(call, notFound(call.path))
      : { status: 200, contentType, mediaBytes: world.settings.media.bytes }
  }
  const owner = place.parents.find((sid) => !sid.startsWith('RE'))
  return serveResource(call, whole, recordings, owner === undefined
    ? undefined
    : (resource) => resource['call_sid'] === owner || resource['conference_sid'] === owner)
}
