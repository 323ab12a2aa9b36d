import { leaves } from './schema/leaves.ts'

/**
 * The key that was probably meant: a sibling spelt nearly alike, or else the same name in
 * other sections. Undefined when nothing is close.
 */
export function suggest (unknown: string, siblings: readonly string[]): string | undefined {
  const near = nearest(unknown, siblings)
  if (near !== undefined) return near
  const elsewhere = leaves().map(({ key }) => key).filter(
    (key) => fold(key.slice(key.lastIndexOf('.') + 1)) === fold(unknown)
  )
  return elsewhere.length === 0 ? undefined : elsewhere.join(' or ')
}

/** The word spelt nearly alike; undefined when none is. */
export function nearest (unknown: string, words: readonly string[]): string | undefined {
  const allowed = unknown.length < 5 ? 1 : 2
  return words
    .map((word) => ({ word, edits: edits(fold(unknown), fold(word)) }))
    .filter((candidate) => candidate.edits <= allowed)
    .sort((a, b) => a.edits - b.edits)[0]?.word
}

// keep_alive_ms, keep-alive-ms and keepalivems all mean keepAliveMs.
const fold = (name: string): string => name.toLowerCase().replaceAll(/[-_]/g, '')

/** Optimal string alignment distance: insertions, deletions, replacements and swaps of neighbours. */
function edits (a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return Infinity
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Infinity
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    rows.push(row)
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row.push(Math.min(
        at(i - 1, j) + 1,
        at(i, j - 1) + 1,
        at(i - 1, j - 1) + (same ? 0 : 1),
        swapped ? at(i - 2, j - 2) + 1 : Infinity
      ))
    }
  }
  return at(a.length, b.length)
}
