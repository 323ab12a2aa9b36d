import type { Place } from './place.ts'

/** Lists that no plural betrays, or whose name in a page is not that of the collection. */
const KNOWN: ReadonlyArray<readonly [path: RegExp, key: string]> = [
  [/\/AvailablePhoneNumbers\/[A-Z]{2}\/[A-Za-z]+$/, 'available_phone_numbers'],
  [/\/IncomingPhoneNumbers\/(?:Local|Mobile|TollFree)$/, 'incoming_phone_numbers'],
  [/\/Usage\/Records(?:\/[A-Za-z]+)?$/, 'usage_records'],
  [/\/Usage\/Triggers$/, 'usage_triggers'],
  [/\/Messages\/[^/]+\/Media$/, 'media_list'],
  [/\/(?:Legacy)?Content$/, 'contents'],
  [/\/Compliance\/Usa2p$/, 'compliance'],
  [/\/Knowledge$/, 'knowledge'],
  [/\/Credentials\/AWS$/, 'credentials'],
  [/\/Operators\/(?:Custom|PreBuilt)$/, 'operators'],
  [/\/TaskQueues\/Statistics$/, 'task_queues_statistics']
]

/** One thing each, though they end in s. */
const SINGLE = /(?:Statistics|Status|Settings|Rules)$/

/** The name of the list in a page, where it is not made of the collection's. */
export const listKeyAt = (collection: string): string | undefined => KNOWN.find(([path]) => path.test(collection))?.[1]

/**
 * Whether a path without a member means many things. A name in the singular (Balance, Configuration) stands for one.
 */
export function isList ({ collection, name }: Place, query: string): boolean {
  if (listKeyAt(collection) !== undefined || (name.endsWith('s') && !SINGLE.test(name))) return true
  const asked = new URLSearchParams(query)
  return asked.has('PageSize') || asked.has('Page')
}
