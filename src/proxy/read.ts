/** What a read asks for, as far as its answer may go to another, too. */
import type { Exchange } from './exchange-state.ts'

export interface Read {
  /** The same for all who may be given the same answer. Holds the credential: not to be kept. */
  readonly key: string
  /** The oldest answer that the client takes, milliseconds; 0 for one that is asked for now. */
  readonly mostAgeMs: number
}

/** Headers that shape an answer, in the order of the key. */
const SHAPING = ['accept', 'accept-encoding', 'accept-language', 'origin'] as const
/** Requests with these are for one client alone: signed, partial, or conditional on what it holds. */
const OWN = new Set(['twilio-client-validation', 'range', 'if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'if-range'])

/** Undefined for a request whose answer is for its client alone. */
export function readOf ({ identity: { method, account, authorization, upstream, path, rawHeaders }, bodyBytes }: Exchange): Read | undefined {
  if (method !== 'GET' || bodyBytes > 0) return undefined
  const shaping = SHAPING.map(() => '')
  let control = ''
  let pragma = ''
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const header = (rawHeaders[i] ?? '').toLowerCase()
    const value = rawHeaders[i + 1] ?? ''
    if (OWN.has(header)) return undefined
    if (header === 'cache-control') control += `${value},`
    else if (header === 'pragma') pragma = value
    const place = SHAPING.findIndex((shapes) => shapes === header)
    if (place >= 0) shaping[place] = `${shaping[place] ?? ''}${value},`
  }
  const mostAgeMs = mostAge(control === '' ? pragma : control)
  return mostAgeMs === undefined ? undefined : { key: [account.key, upstream.host, path, authorization ?? '', ...shaping].join('\n'), mostAgeMs }
}

/** What Cache-Control says of how old an answer may be, milliseconds; undefined for one that nobody may keep. */
function mostAge (control: string): number | undefined {
  if (control === '') return Infinity
  let most = Infinity
  for (const part of control.toLowerCase().split(',')) {
    const directive = part.trim()
    if (directive === 'no-store') return undefined
    if (directive === 'no-cache') most = 0
    const [, seconds] = /^max-age="?(\d{1,9})"?$/.exec(directive) ?? []
    if (seconds !== undefined) most = Math.min(most, Number(seconds) * 1000)
  }
  return most
}
