/** Numbers and times for people. */

export const amount = (count: number): string => count.toLocaleString('en-US')

export function duration (ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 99_950) return `${(ms / 1000).toFixed(1)} s`
  if (ms < 5_970_000) return `${Math.round(ms / 60_000)} min`
  return `${(ms / 3_600_000).toFixed(1)} h`
}

/** To the second, as `2026-11-26 08:00:01`. */
const moment = (sinceEpochMs: number): string => new Date(sinceEpochMs).toISOString().slice(0, 19).replace('T', ' ')

/** The second moment without its day when that is the same. */
export function span (fromMs: number, toMs: number): string {
  const [from, to] = [moment(fromMs), moment(toMs)]
  return `${from} to ${from.slice(0, 10) === to.slice(0, 10) ? to.slice(11) : to}`
}

/** Lines of at most so many characters, as far as words allow; all but the first begin with the margin. */
export function wrap (text: string, width: number, margin: string): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const [i, word] of text.split(/(?<=\S) /).entries()) {
    if (i === 0) line = word
    else if (line.length + 1 + word.length <= width) line += ` ${word}`
    else {
      lines.push(line)
      line = margin + word
    }
  }
  return [...lines, line]
}
