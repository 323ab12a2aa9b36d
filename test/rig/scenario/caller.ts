import { Client } from 'undici'
import type { Request } from './requests.ts'

export interface Answer {
  /** 0 when there was none. */
  readonly status: number
  /** As the proxy counts them; 0 when nobody says. */
  readonly attempts: number
  /** The proxy refused it itself. */
  readonly shed: boolean
}

/** Somebody who sends requests to one front door. */
export interface Caller {
  readonly call: (request: Request, done: (answer: Answer) => void) => void
  readonly close: () => Promise<void>
}

/** Longest wait for an answer: beyond every deadline that a proxy is given. */
const TIMEOUT_MS = 90_000

/** Plain HTTP over as many kept-alive connections as there are requests at once, one request at a time on each. */
export function createCaller (origin: string): Caller {
  const idle: Client[] = []
  const all: Client[] = []

  const connection = (): Client => {
    const free = idle.pop()
    if (free !== undefined) return free
    const client = new Client(origin, { pipelining: 1, headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS, connectTimeout: TIMEOUT_MS })
    all.push(client)
    return client
  }

  return {
    call: ({ method, path, headers, body }, done) => {
      const client = connection()
      let [status, attempts, shed] = [0, 0, false]
      const end = (answer: Answer): void => {
        idle.push(client)
        done(answer)
      }
      client.dispatch({ method, path, headers, body: body ?? null }, {
        onRequestStart: () => {},
        onResponseStart: (_controller, statusCode, fields) => {
          status = statusCode
          attempts = Number(fields['governor-attempts'] ?? 0)
          shed = fields['governor-shed'] !== undefined
        },
        onResponseData: () => {},
        onResponseEnd: () => { end({ status, attempts, shed }) },
        onResponseError: () => { end({ status: 0, attempts, shed: false }) }
      })
    },
    close: async () => { await Promise.all(all.map((client) => client.destroy())) }
  }
}
