import { VARIABLES } from '../environment.ts'
import { settingsNode } from '../schema/leaves.ts'
import type { SchemaNode } from '../schema/node.ts'
import { range, typeName } from './tables.ts'

const WIDTH = 100

/** The text of config.example.yaml: every key with its default, meaning, type, range and variable. */
export function exampleYaml (): string {
  const head = [
    '# yaml-language-server: $schema=./config.schema.json',
    '#',
    ...comment(
      'Every key of twilio-governor with its default. Copy the file to config.yaml and keep only what you change. To check it: twilio-governor check --config config.yaml',
      ''
    )
  ]
  const sections = Object.entries(settingsNode.properties ?? {}).flatMap(
    ([name, node]) => ['', ...lines(name, node, '', '')]
  )
  return [...head, ...sections, ''].join('\n')
}

function lines (name: string, node: SchemaNode, prefix: string, indent: string): readonly string[] {
  const key = prefix + name
  const about = comment(node.description ?? '', indent)
  if (node.properties !== undefined) {
    const inner = Object.entries(node.properties).flatMap(
      ([child, childNode]) => lines(child, childNode, `${key}.`, `${indent}  `)
    )
    return [...about, `${indent}${name}:`, ...inner]
  }
  return [
    ...about,
    ...comment(accepted(key, node), indent),
    ...examples(name, node, indent),
    `${indent}${name}: ${flow(node.default)}`
  ]
}

function accepted (key: string, node: SchemaNode): string {
  const variable = VARIABLES.find((candidate) => candidate.key === key)
  const limits = range(node)
  return [
    limits === '' ? `${typeName(node)}.` : `${typeName(node)}: ${limits}.`,
    ...(variable === undefined ? [] : [`Variable: ${variable.name}.`])
  ].join(' ').replace(/^./, (letter) => letter.toUpperCase())
}

const examples = (name: string, node: SchemaNode, indent: string): readonly string[] =>
  (node.examples ?? []).map((example) => `${indent}# Example: ${name}: ${flow(example)}`)

/** What YAML reads as text without quotes. */
const PLAIN = /^[A-Za-z_/][\w./+-]*$/

/** A value in YAML's one-line form; plain words need no quotes. */
function flow (value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).map(([key, item]) => `${key}: ${flow(item)}`)
    return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`
  }
  return typeof value === 'string' && PLAIN.test(value) ? value : JSON.stringify(value)
}

function comment (text: string, indent: string): readonly string[] {
  const width = WIDTH - indent.length - 2
  const rows: string[] = []
  for (const word of text.split(' ')) {
    const row = rows.at(-1)
    if (row === undefined || row.length + 1 + word.length > width) rows.push(word)
    else rows[rows.length - 1] = `${row} ${word}`
  }
  return rows.map((row) => `${indent}# ${row}`)
}
