import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Summary } from './summary.ts'

/** An expectation and what became of it. */
export interface Bar {
  readonly text: string
  /** One for each run; null is not measurable. */
  readonly values: ReadonlyArray<number | null>
  readonly met: boolean
  readonly what: string
}

/** One scenario, measured: a file of its own, so that a part of the bench can be run again alone. */
export interface Result {
  readonly scenario: string
  readonly about: string
  readonly lengthS: number
  readonly node: string
  readonly processors: string
  readonly seeds: readonly number[]
  readonly ours: Summary
  readonly fixed: Summary
  readonly peers: readonly Summary[]
  readonly notInstalled: readonly string[]
  readonly bars: readonly Bar[]
}

export function writeResult (folder: string, result: Result): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${result.scenario}.json`), `${JSON.stringify(result)}\n`)
}

export function readResults (folder: string): readonly Result[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder).filter((file) => file.endsWith('.json')).sort()
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Result)
}
