import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml'
import type { Fault } from './faults.ts'

export interface YamlFile {
  /** The file's content; undefined when it cannot be read at all. An empty file is an empty mapping. */
  readonly value: unknown
  readonly faults: readonly Fault[]
  /** Where the key at this path stands; undefined when the file does not have it. */
  readonly lineOf: (path: readonly string[]) => number | undefined
}

/** Reads YAML 1.2 (and so JSON). Never throws. */
export function parseYaml (text: string): YamlFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true })
  const faults = [...document.errors, ...document.warnings].map(({ code, message, pos: [start] }): Fault => {
    const { line, col } = lines.linePos(start)
    return { path: `line ${line}, column ${col}`, message: PLAIN[code] ?? withoutQuote(message) }
  })
  const unreadable = document.errors.some(({ code }) => code !== 'DUPLICATE_KEY')
  const lineOf = (path: readonly string[]): number | undefined => {
    const offset = offsetOf(document, path)
    return offset === undefined ? undefined : lines.linePos(offset).line
  }
  if (unreadable) return { value: undefined, faults, lineOf }
  try {
    return { value: document.toJS() ?? {}, faults, lineOf }
  } catch {
    // Errors, all of them, that show only when aliases are followed.
    return { value: undefined, faults: [...faults, { path: 'aliases', message: 'unknown or too many' }], lineOf }
  }
}

const PLAIN: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this key appears twice',
  // These sentences repeat a piece of the file in their middle.
  BAD_DIRECTIVE: 'a directive that is unknown or incomplete',
  BAD_DQ_ESCAPE: 'an escape sequence in double quotes that is not valid',
  TAG_RESOLVE_FAILED: 'Unresolved tag',
  MULTIPLE_DOCS: 'a second document starts here; one is allowed'
}

// After a colon the parser repeats a piece of the file, which may hold anything.
const withoutQuote = (message: string): string => message.split(':')[0] ?? message

function offsetOf (document: Document, path: readonly string[]): number | undefined {
  let node: Node | null | undefined = document.contents
  let offset: number | undefined
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step)
      if (pair === undefined) return undefined
      offset = (pair.key as Node).range?.[0]
      node = pair.value as Node | null
    } else if (isSeq(node)) {
      node = node.items[Number(step)] as Node | undefined
      offset = node?.range?.[0]
    } else return undefined
  }
  return offset
}
