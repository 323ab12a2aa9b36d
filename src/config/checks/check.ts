import type { SchemaNode } from '../schema/node.ts'
import { isTree, type Place } from '../tree.ts'

/** One way in which keys can disagree. */
export interface Check {
  /** The way to the key that has the fault. */
  readonly steps: readonly string[]
  /** The ways to the keys read: when one of them is faulty by itself, the check has nothing to say. */
  readonly reads: ReadonlyArray<readonly string[]>
  /** What is wrong; undefined when nothing is. */
  readonly fault: () => string | undefined
}

/** A check of the keys of one mapping, named by the way from there. */
export interface KeyCheck<Mapping> {
  /** The key that has the fault; empty for the mapping itself. */
  readonly key: string
  readonly reads: readonly string[]
  readonly fault: (mapping: Mapping) => string | undefined
  /** What is wrong is that a key is not there: there is nothing to say while one is misspelt. */
  readonly lacking?: true
}

/** Checks of the mapping at a place. Only the keys that they read must be sound. */
export function checksOf<Mapping> (
  { steps, value }: Place,
  checks: ReadonlyArray<KeyCheck<Mapping>>,
  { properties = {} }: SchemaNode = {}
): readonly Check[] {
  const at = (key: string): readonly string[] => key === '' ? steps : [...steps, ...key.split('.')]
  const misspelt = isTree(value) ? Object.keys(value).filter((name) => !Object.hasOwn(properties, name)) : []
  return checks.map(({ key, reads, fault, lacking }): Check => ({
    steps: at(key),
    reads: [...reads.map(at), ...lacking === true ? misspelt.map((name) => [...steps, name]) : []],
    fault: () => fault(value as Mapping)
  }))
}
