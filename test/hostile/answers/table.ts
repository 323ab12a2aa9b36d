/** Raw answers of an upstream, and what the client must get for them. */

/** Bytes, one character each, or pieces that leave in packets of their own. */
export type Bytes = string | Buffer | ReadonlyArray<string | Buffer>

/** What the upstream does with its connection when all is written. */
export type Then = 'keep' | 'end' | 'reset' | 'silent'

export interface Expected {
  /** 0: an answer that breaks off, after its head. */
  readonly status: number
  readonly outcome?: 'unknown' | 'not_processed' | 'not_sent' | undefined
  /** How often the request came upstream. */
  readonly attempts?: number
  /** In Latin-1; absent where it does not matter. */
  readonly body?: string | RegExp
  /** Values by lower-case names, several joined by `|`; null: it must be absent. */
  readonly headers?: Readonly<Record<string, string | null>>
}

export type Method = 'POST' | 'GET' | 'DELETE' | 'HEAD'

export interface Case {
  readonly name: string
  /** For each attempt in turn; the last one for all that follow. */
  readonly answers: readonly Bytes[]
  readonly then: Then
  readonly expected: Readonly<Partial<Record<Method, Expected>>>
}

export const head = (status: number | string, ...lines: readonly string[]): string => `HTTP/1.1 ${status} Reason\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`

/** Each byte in a packet of its own. */
export const bytesOf = (text: string): string[] => Array.from(text)

/** A JSON answer with its length. */
export function json (status: number | string, body: string, ...lines: readonly string[]): string {
  return head(status, 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body, 'latin1')}`, ...lines) + body
}

export const SID = '{"sid":"SM1"}'

type Settings = Partial<Pick<Case, 'then'>> & Pick<Expected, 'headers'>

/** The answer comes to the client as it is, whatever the method, after one attempt. */
export function passes (name: string, answer: Bytes, status: number, body: string | RegExp, { then = 'keep', headers }: Settings = {}): Case {
  const expected: Expected = { status, body, attempts: 1, ...headers && { headers } }
  return { name, answers: [answer], then, expected: { POST: expected, GET: expected, DELETE: expected } }
}

/** As Twilio's own, with the outcome unknown for a write. `tries`: how often a read or delete is tried. */
export function passesDoubtful (name: string, answer: Bytes, status: number, body: string | RegExp, tries: 1 | 3): Case {
  return {
    name,
    answers: [answer],
    then: 'keep',
    expected: {
      POST: { status, body, attempts: 1, outcome: 'unknown' },
      GET: { status, body, attempts: tries },
      DELETE: { status, body, attempts: tries, outcome: 'unknown' }
    }
  }
}

/** No answer that can be passed on: a write is never sent again, and its outcome is unknown. */
export function breaks (name: string, answer: Bytes, then: Then = 'keep', status = 502): Case {
  const expected: Expected = { status, attempts: 3, body: /"code":20500/ }
  return { name, answers: [answer], then, expected: { POST: { ...expected, attempts: 1, outcome: 'unknown' }, GET: expected, DELETE: { ...expected, outcome: 'unknown' } } }
}

/** The head has gone on to the client before the rest fails. */
export function breaksOff (name: string, answer: Bytes, then: Then = 'keep'): Case {
  const expected: Expected = { status: 0, attempts: 1 }
  return { name, answers: [answer], then, expected: { POST: expected, GET: expected, DELETE: expected } }
}

/** A 429 that is tried again whatever the method. */
export function again (name: string, refusal: Bytes): Case {
  const expected: Expected = { status: 201, attempts: 2, body: SID }
  return { name, answers: [refusal, json(201, SID)], then: 'keep', expected: { POST: expected, GET: expected, DELETE: expected } }
}
