/**
 * Remembers the answers of a pure function for the texts asked about lately.
 *
 * Two generations: when the young one is full it becomes the old one, and the old one is dropped. What is asked
 * for often is carried over, so a stream of texts that never come again cannot push out the ones that do.
 *
 * @param max most answers remembered, at least 2
 * @param maxLength longer texts are answered but not remembered, so that memory stays under max × maxLength
 */
export function memoised<T> (max: number, maxLength: number, answer: (text: string) => T): (text: string) => T {
  let young = new Map<string, { readonly value: T }>()
  let old = young
  return (text) => {
    const fresh = young.get(text)
    if (fresh !== undefined) return fresh.value
    const entry = old.get(text) ?? { value: answer(text) }
    if (text.length > maxLength) return entry.value
    if (young.size >= max / 2) {
      old = young
      young = new Map()
    }
    young.set(text, entry)
    return entry.value
  }
}
