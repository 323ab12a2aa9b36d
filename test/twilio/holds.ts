import fc from 'fast-check'

/** Asserts that a property holds for generated input, and shows the smallest input for which it does not. */
export function holds<Input> (t: { strictSame: (found: unknown, wanted: unknown, message: string, extra: object) => boolean }, property: fc.IProperty<Input>, numRuns = 200): void {
  const { counterexample, seed, errorInstance } = fc.check(property, { numRuns })
  t.strictSame(counterexample, null, `holds for ${numRuns} inputs`, { seed, error: String(errorInstance) })
}
