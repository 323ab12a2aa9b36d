/** One hostile request, what of it may reach Twilio, and what its client must get. */

export interface Outcome {
  /** Requests as they reach Twilio, in order: method, target and body. */
  readonly upstream: readonly string[]
  /** Statuses that the client gets, in order, 100 included. */
  readonly client: readonly number[]
}

export interface Row extends Outcome {
  readonly name: string
  /** A character a byte. */
  readonly bytes: string
  /** The client closes its sending side with the last byte. */
  readonly fin?: true
  /** Its bytes come in one piece only: in several, some of them would be answered before the others come. */
  readonly atOnce?: true
  /** What is right as well, where it depends on what comes first. */
  readonly or?: Outcome
}

export const PATH = '/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json'
export const HOST = 'Host: api.twilio.com'

/** Lines of a head, and what follows it. */
export const text = (lines: readonly string[], body = ''): string => `${lines.join('\r\n')}\r\n\r\n${body}`
export const post = (headers: readonly string[], body = '', line = `POST ${PATH} HTTP/1.1`): string => text([line, HOST, ...headers], body)
export const get = (headers: readonly string[] = [], path = PATH): string => text([`GET ${path} HTTP/1.1`, HOST, ...headers])
export const sent = (body = '', method = 'POST', path = PATH): string => `${method} ${path} ${body}`.trimEnd()

/** Nothing of it reaches Twilio. */
export const refused = (name: string, bytes: string, ...client: number[]): Row => ({ name, bytes, upstream: [], client: client.length === 0 ? [400] : client })
/** All of it does, as one request. */
export const passes = (name: string, bytes: string, ...upstream: string[]): Row => ({ name, bytes, upstream, client: upstream.map(() => 200) })
