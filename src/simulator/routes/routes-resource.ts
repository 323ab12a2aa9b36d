import type { Call, Reply } from './call.ts'
import { echo, snake, type Kind } from './kind.ts'
import { isList, listKeyAt } from './lists.ts'
import { badMethod, errorAnswer, notFound, type Refusal } from '../model/answers/errors.ts'
import type { Resource } from '../model/resources.ts'
import { pageRequest } from './paging.ts'
import type { Place } from './place.ts'
import { styleOf } from '../style.ts'

export const failed = (call: Call, error: Refusal): Reply => errorAnswer(error, 'auto', call)

/** Create, fetch, list, update, delete: what every collection of Twilio does. */
export function serveResource (call: Call, place: Place, kind: Kind, fits?: (resource: Resource) => boolean): Reply {
  switch (call.method) {
    case 'GET': case 'HEAD':
      if (place.member !== undefined) return fetchOne(call, place, place.member, kind)
      return isList(place, call.query) ? list(call, place, fits) : fetchOne(call, place, '', kind)
    case 'POST':
      return place.member === undefined ? create(call, place, kind) : update(call, place, place.member, kind)
    case 'PUT': case 'PATCH': case 'DELETE':
      if (place.member === undefined && isList(place, '')) return failed(call, badMethod)
      return call.method === 'DELETE' ? remove(call, place, kind) : update(call, place, place.member ?? '', kind)
    default: return failed(call, badMethod)
  }
}

/** Two words of a resource's address, so that a path tells one account's collection from another's. */
export const keyOf = (call: Call, collection: string): string => `${call.account} ${call.host}${collection}`

/** Makes a resource with all its fields; it is not stored yet. */
export function build (call: Call, place: Place, kind: Kind, sid: string): Resource {
  const style = styleOf(call)
  const now = style.now()
  const self = style.self(place.collection, sid)
  return {
    sid,
    account_sid: call.account,
    ...kind.make(call, { sid, self, now, parents: place.parents }),
    date_created: now,
    date_updated: now,
    ...style.address(self)
  }
}

function show (call: Call, status: number, place: Place, kind: Kind, resource: Resource): Reply {
  const { sid: _sid, account_sid: _account, date_created: _created, date_updated: _updated, ...fields } = resource
  return styleOf(call).resource(status, place.name, kind.named === true ? fields : resource)
}

function create (call: Call, place: Place, kind: Kind): Reply {
  const refused = kind.refuse?.(call)
  if (refused !== undefined) return failed(call, refused)
  const { world } = call
  const resource = build(call, place, kind, kind.prefix + world.ids.hex(32))
  world.resources.put(keyOf(call, place.collection), resource, world.settings.maxResources)
  return { ...show(call, 201, place, kind, resource), created: place.name }
}

function find (call: Call, { collection, name, parents }: Place, member: string, kind: Kind): Resource | undefined {
  const { resources } = call.world
  const key = keyOf(call, collection)
  const { alias } = kind
  const found = resources.get(key, member) ??
    (alias === undefined ? undefined : resources.find(key, (resource) => alias(resource, member)))
  if (found !== undefined || kind.strict === true) return found
  const known = kind.named === true || /^[A-Z]{2}\w{32}$/.test(member)
  return build(
    call,
    { collection, name, parents, member, extension: '' },
    kind,
    known ? member : kind.prefix + '0'.repeat(32)
  )
}

function fetchOne (call: Call, place: Place, member: string, kind: Kind): Reply {
  const resource = find(call, place, member, kind)
  return resource === undefined ? failed(call, notFound(call.path)) : show(call, 200, place, kind, resource)
}

function update (call: Call, place: Place, member: string, kind: Kind): Reply {
  const resource = find(call, place, member, kind)
  if (resource === undefined) return failed(call, notFound(call.path))
  const fields = { ...echo(call), account_sid: call.account, date_updated: styleOf(call).now() }
  const kept = call.world.resources.change(keyOf(call, place.collection), resource.sid, fields)
  return show(call, 200, place, kind, kept ?? { ...resource, ...fields })
}

function remove (call: Call, { collection, member }: Place, kind: Kind): Reply {
  const removed = call.world.resources.remove(keyOf(call, collection), member ?? '')
  return removed || kind.strict !== true ? { status: 204 } : failed(call, notFound(call.path))
}

function list (call: Call, { collection, name }: Place, fits?: (resource: Resource) => boolean): Reply {
  const wanted = pageRequest(call)
  if ('code' in wanted) return failed(call, wanted)
  const { items, hasMore } = call.world.resources.page(keyOf(call, collection), { ...wanted, fits })
  return styleOf(call).page(name, listKeyAt(collection) ?? snake(name), items, wanted.links(items, hasMore))
}
