/** Where a path points: at a collection or at one member of it. */
export interface Place {
  /** Path of the collection, without extension. */
  readonly collection: string
  /** Last name of that path: Messages. */
  readonly name: string
  /** The member; undefined when the path points at the collection. */
  readonly member: string | undefined
  /** SIDs and other identifiers on the way, the account's left out. */
  readonly parents: readonly string[]
  /** After the last dot: json, mp3; empty when there is none. */
  readonly extension: string
}

const SID = /^[A-Z]{2}[0-9A-Za-z]{32}$/
const NAME = /^[A-Z][A-Za-z]+$|^(?:PreregisteredUsa2p|Usa2p|A2P(?:Brand|Campaign)Registrations)$/

/**
 * Twilio's paths take turns: collection, member, collection, member. A SID is always a member; a capitalised word
 * never is, since some names come two in a row.
 */
export function placeOf (path: string): Place {
  const dot = /\.(json|xml|csv|mp3|wav)$/.exec(path)
  const bare = (dot === null ? path : path.slice(0, dot.index)).replace(/\/+$/, '')
  const [, version = '', ...segments] = bare.split('/')
  let collection = `/${version}`
  let name = ''
  let member: string | undefined
  const parents: string[] = []
  for (const segment of segments.map(decoded)) {
    const isMember = SID.test(segment) || (name !== '' && member === undefined && !NAME.test(segment))
    if (isMember) {
      member = segment
      if (!(name === 'Accounts' && segment.startsWith('AC'))) parents.push(segment)
      continue
    }
    collection = member === undefined ? `${collection}/${segment}` : `${collection}/${member}/${segment}`
    name = segment
    member = undefined
  }
  return { collection, name, member, parents, extension: dot?.[1] ?? '' }
}

// A path that cannot be decoded is taken as it is.
function decoded (segment: string): string {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
