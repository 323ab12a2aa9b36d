export interface ParsedRequest {
  readonly method: string
  readonly target: string
  /** Values of the headers that decide where a message ends and for whom it is, by name in lower case. */
  readonly framing: Readonly<Record<string, readonly string[]>>
  readonly body: string
}

export interface Parsed {
  readonly requests: readonly ParsedRequest[]
  /** Bytes that are no whole request yet. */
  readonly rest: string
  /** Why the rest can never become one. */
  readonly fault: string | undefined
}

export type Step = { readonly request: ParsedRequest, readonly next: number } | { readonly fault: string } | 'more'

export const FRAMING: readonly string[] = ['host', 'content-length', 'transfer-encoding', 'connection', 'upgrade', 'trailer', 'expect']

/** Takes one request after the other off the bytes. */
export function parseAll (bytes: string, step: (bytes: string, from: number) => Step): Parsed {
  const requests: ParsedRequest[] = []
  let from = 0
  while (from < bytes.length) {
    const result = step(bytes, from)
    if (result === 'more') break
    if ('fault' in result) return { requests, rest: bytes.slice(from), fault: result.fault }
    requests.push(result.request)
    from = result.next
  }
  return { requests, rest: bytes.slice(from), fault: undefined }
}

export function framingOf (headers: ReadonlyArray<readonly [string, string]>): Record<string, string[]> {
  const framing: Record<string, string[]> = {}
  for (const [name, value] of headers) if (FRAMING.includes(name)) (framing[name] ??= []).push(value)
  return framing
}
