import type { DestinationStream } from 'pino'

/** A log destination that keeps its lines, as they were written and as objects. */
export function memoryLog (): { stream: DestinationStream, text: () => string, lines: () => Array<Record<string, unknown>> } {
  let written = ''
  return {
    stream: { write: (line) => { written += line } },
    text: () => written,
    lines: () => written.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>)
  }
}
