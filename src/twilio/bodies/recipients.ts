/** Whom a request sends something to: one recipient, many, or somebody whom nobody here can tell. */
import type { Product } from '../types.ts'
import type { BodyFields } from './body-field.ts'
import { destinationOf } from './destination.ts'
import { valuesInQuery } from '../paths/query.ts'
import { bareRoute } from '../paths/route.ts'

export type Recipients =
  /** It sends nothing. */
  | { readonly kind: 'none' }
  /** A destination for each recipient. */
  | { readonly kind: 'named', readonly destinations: readonly string[] }
  /** The body cannot be read: it may go anywhere, to as many as one such request can reach. */
  | { readonly kind: 'unreadable', readonly sends: number }
  /** It goes to everybody in a conversation, a session, or to a SIM. The path says which, without a number. */
  | { readonly kind: 'elsewhere' }

interface Send {
  /** Fields that name recipients, in addition to `To`. */
  readonly fields?: readonly string[]
  /** Most recipients of one request. */
  readonly most?: number
  /** Where no field names anybody, it is sent all the same. */
  readonly elsewhere?: boolean
}

const BULK: Send = { most: 10_000 }
/** The last word of a route, with the product before it where that matters, and what is sent there. */
const SENDS: ReadonlyMap<string, Send> = new Map(Object.entries({
  Messages: {},
  Calls: {},
  Participants: {},
  Verifications: {},
  SmsVerifications: { fields: ['PhoneNumber'] },
  VoiceVerifications: { fields: ['PhoneNumber'] },
  OutgoingCallerIds: { fields: ['PhoneNumber'] },
  Executions: {},
  Engagements: {},
  Emails: {},
  Interactions: { fields: ['Channel'] },
  Challenges: { elsewhere: true },
  Commands: { elsewhere: true },
  SmsCommands: { elsewhere: true },
  MessageInteractions: { elsewhere: true },
  ConversationWithParticipants: { fields: ['Participant'] },
  Reservations: { fields: ['CallTo', 'DequeueTo'] },
  'notify/Notifications': { ...BULK, fields: ['ToBinding', 'Identity', 'Tag', 'Segment'] },
  'comms/Messages': BULK,
  'comms/Emails': BULK,
  'conversations/Messages': { elsewhere: true },
  'chat/Messages': { elsewhere: true },
  'ip-messaging/Messages': { elsewhere: true },
  'assistants/Messages': { elsewhere: true },
  'conversations/Participants': { fields: ['MessagingBinding.Address'] },
  'proxy/Participants': { fields: ['Identifier'] },
  'proxy/Sessions': { fields: ['Participants'] },
  'flex-api/Participants': { fields: ['MediaProperties'] }
} satisfies Record<string, Send>))

const NONE: Recipients = { kind: 'none' }
const ELSEWHERE: Recipients = { kind: 'elsewhere' }

/** It has a To, and makes nothing: it checks the code that somebody typed in. */
const CHECK = /\/VerificationCheck$/
/** A reservation that is changed may make a call to a worker. */
const CHANGED = /\/Reservations\/{}$/
const ONE_RESOURCE = /\/{}$/
const SENDING: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])

/**
 * A write that goes to somebody if it names one: a message, a call, a verification, a participant, a flow's execution.
 *
 * @param route a template as routeTemplate makes it, whatever stands before it
 */
export function maySend (method: string, route: string): boolean {
  if (!SENDING.has(method)) return false
  const bare = bareRoute(route)
  return (!ONE_RESOURCE.test(bare) || CHANGED.test(bare)) && !CHECK.test(bare)
}

/**
 * @param route method, product and template, for which maySend holds
 * @param fields undefined for a body that nobody can read
 */
export function recipientsOf (
  product: Product,
  route: string,
  path: string,
  fields: BodyFields | undefined
): Recipients {
  const bare = bareRoute(route).replace(/\/{}$/, '')
  const word = bare.slice(bare.lastIndexOf('/') + 1)
  const send = SENDS.get(`${product}/${word}`) ?? SENDS.get(word)
  const names = ['To', ...send?.fields ?? []]
  const destinations = names.flatMap((name) => [...valuesInQuery(path, name), ...fields?.whole(name) ?? []]).flatMap(
    (value) => addressesIn(value, false, 0)
  )
  if (fields === undefined && send !== undefined && send.elsewhere !== true) {
    return { kind: 'unreadable', sends: send.most ?? 1 }
  }
  if (destinations.length > 0) return { kind: 'named', destinations: destinations.map(destinationOf) }
  return send?.elsewhere === true ? ELSEWHERE : NONE
}

/** What names a recipient, or holds what does, in the objects that stand for one. */
const NAMING =
  /^(?:address(?:es)?|to|email|phone(?:_?number)?|identifier|identity|profile_?id|messaging_?binding(?:\.address)?|participants|properties)$/i
const CHANNEL = /^(?:channel|binding_?type|type)$/i
/** Characters that a list of numbers may have; `sip:` addresses have commas and semicolons of their own. */
const LIST = /^[\s+\d().,;-]*[,;][\s+\d().,;-]*$/
/** Recipients lie no deeper. */
const DEPTH_MOST = 16

/**
 * All addresses in a field's value: text, JSON in text, a list, or objects. An object without one is a recipient whom
 * nobody can tell.
 */
function addressesIn (value: unknown, byWhatsApp: boolean, depth: number): readonly string[] {
  if (typeof value === 'number') return [String(value)]
  if (typeof value === 'string') return inText(value, byWhatsApp, depth)
  if (typeof value !== 'object' || value === null) return []
  if (depth > DEPTH_MOST) return ['']
  if (Array.isArray(value)) return value.flatMap((inner) => addressesIn(inner, byWhatsApp, depth + 1))
  const entries: ReadonlyArray<[string, unknown]> = Object.entries(value)
  // Twilio makes contact only where an agent began.
  if (entries.some(([key, began]) => key === 'initiated_by' && began !== 'agent')) return []
  const channel = entries.find(([key, text]) => CHANNEL.test(key) && typeof text === 'string')
  const whatsApp = channel === undefined ? byWhatsApp : /^whatsapp$/i.test(channel[1] as string)
  const found = entries.filter(([key]) => NAMING.test(key)).flatMap(
    ([, inner]) => addressesIn(inner, whatsApp, depth + 1)
  )
  return found.length > 0 ? found : ['']
}

function inText (text: string, byWhatsApp: boolean, depth: number): readonly string[] {
  const trimmed = text.trim()
  if (trimmed === '') return []
  if (/^[{[]/.test(trimmed)) {
    try {
      return addressesIn(JSON.parse(trimmed), byWhatsApp, depth + 1)
    } catch {
      return [text]
    }
  }
  const parts = LIST.test(text) ? text.split(/[,;]/).filter((part) => /\d/.test(part)) : [text]
  return parts.map((part) => byWhatsApp && !part.includes(':') ? `whatsapp:${part}` : part)
}
