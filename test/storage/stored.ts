import type { StoredLimit } from '../../src/storage/format.ts'

export const NOW_MS = Date.UTC(2026, 0, 1)

export const stored = (over: Partial<StoredLimit> = {}): StoredLimit => ({
  account: `AC${'1'.repeat(32)}`,
  atMs: NOW_MS - 10_000,
  slots: 63,
  settled: true,
  refusedAt: 61,
  ceiling: { estimate: 60, low: 60, high: 61, basis: 'reported' },
  ...over
})
