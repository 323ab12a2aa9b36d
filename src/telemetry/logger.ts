import { destination, pino } from 'pino'
import type { DestinationStream, Logger } from 'pino'
import { scrub } from './scrub.ts'

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export interface LoggerOptions {
  readonly level: LogLevel
  /** Where lines go, standard output when absent. */
  readonly stream?: DestinationStream
}

// Lines gather until 8 KiB or for 200 ms; a reader that has stalled costs lines, never our memory.
const BUFFER_BYTES = 8192
const FLUSH_MS = 200
const MAX_BUFFERED_BYTES = 8 * 1024 * 1024

/** Whole values that are cut whatever their type; scrub() sees only text. */
const CUT_FIELDS = ['authorization', 'headers', 'body', 'query', 'url', 'req', 'res']

/** JSON lines, written in the background: a line costs the event loop about 4 µs. */
export function createLogger ({ level, stream }: LoggerOptions): Logger {
  return pino({
    level,
    base: null,
    timestamp: createIsoTime(),
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: CUT_FIELDS, censor: '[redacted]' },
    serializers: { err: describeError },
    hooks: { streamWrite: scrub }
  }, stream ?? destination({
    dest: 1, sync: false, minLength: BUFFER_BYTES, maxLength: MAX_BUFFERED_BYTES, periodicFlush: FLUSH_MS
  }))
}

/** The time as pino's fragment of a line. A busy proxy writes several lines a millisecond: they share one text. */
function createIsoTime (): () => string {
  let atMs = NaN
  let fragment = ''
  return () => {
    const nowMs = Date.now()
    if (nowMs !== atMs) {
      atMs = nowMs
      fragment = `,"time":"${new Date(nowMs).toISOString()}"`
    }
    return fragment
  }
}

/** Resolves when every line so far has been handed to the operating system. */
export async function flushLogger (logger: Logger): Promise<void> {
  // A pipe cannot be synced, which the callback reports as an error after all has been written.
  await new Promise<void>((resolve) => { logger.flush(() => { resolve() }) })
}

/** The base URLs of both servers, once they accept. */
export interface Addresses {
  readonly proxy: string
  readonly admin: string
}

/** The line that whoever started us waits for: written whatever the level is, and at once. */
export async function announce (logger: Logger, { proxy, admin }: Addresses): Promise<void> {
  logger.child({}, { level: 'info' }).info({ proxy, admin }, 'listening')
  await flushLogger(logger)
}

// Libraries hang requests, headers and bodies on their errors: only these parts are ours to show.
function describeError (error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error }
  const code = 'code' in error ? error.code : undefined
  return { type: error.name, code, message: error.message, stack: error.stack }
}
