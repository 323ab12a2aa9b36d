import { write } from 'node:fs'
import { pino } from 'pino'
import type { DestinationStream, Logger } from 'pino'
import { LineWriter } from './line-writer.ts'
import { scrub } from './scrub.ts'

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export interface LoggerOptions {
  readonly level: LogLevel
  /** Where lines go, standard output when absent. */
  readonly stream?: DestinationStream
}

/** A reader that takes no more lines is waited for so long. */
const FLUSH_AT_MOST_MS = 1_000

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
  }, stream ?? standardOutput())
}

function standardOutput (): LineWriter {
  // To look at process.stdout makes a pipe or a socket non-blocking: when full it says so, rather than to hold the
  // thread that writes, for which the end of the process would wait.
  const { fd } = process.stdout
  const writer = new LineWriter(fd, ({ code = 'unknown error' }) => {
    // Not process.stderr, which might be broken as well, and throw.
    write(2, `The log cannot be written (${code}). Lines are lost, requests are not.\n`, () => {})
  })
  process.once('exit', () => { writer.finish() })
  return writer
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

/** Resolves when every line so far has been handed to the operating system, or is not taken by it. */
export async function flushLogger (logger: Logger): Promise<void> {
  await new Promise<void>((resolve) => {
    const tooLong = setTimeout(resolve, FLUSH_AT_MOST_MS)
    logger.flush(() => {
      clearTimeout(tooLong)
      resolve()
    })
  })
}

/** The base URLs of both servers, once they accept: with the addresses that they are bound to. */
export interface Addresses {
  readonly proxy: string
  readonly admin: string
}

/** Which settings are in force. */
export interface Standing {
  readonly version: string
  /** Null without one. */
  readonly settingsFile: string | null
  readonly mode: string
  /** Where requests go. */
  readonly upstream: string
}

/** The line that the process that started us waits for: written at every level, and at once. */
export async function announce (
  logger: Logger,
  { proxy, admin }: Addresses,
  standing: Partial<Standing> = {}
): Promise<void> {
  logger.child({}, { level: 'info' }).info({ proxy, admin, ...standing }, 'listening')
  await flushLogger(logger)
}

// Libraries hang requests, headers and bodies on their errors: only these parts are ours to show.
function describeError (error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error }
  const code = 'code' in error ? error.code : undefined
  return { type: error.name, code, message: error.message, stack: error.stack }
}
