/** The Markdown tables of docs/configuration.md. */
import { DEFAULT_HOST, VARIABLES } from '../environment.ts'
import { leaves, settingsNode } from '../schema/leaves.ts'
import { isNullable, valueType, type SchemaNode } from '../schema/node.ts'

/** One table a section, with a line for each of its keys. */
export function keyTables (): string {
  return Object.entries(settingsNode.properties ?? {}).map(([name, section]) => [
    `### ${name}`, '',
    section.description, '',
    '| Key | Type | Range | Default | Meaning |',
    '|---|---|---|---|---|',
    ...leaves(section, `${name}.`).map(({ key, node }) =>
      `| \`${key}\` | ${typeName(node)} | ${range(node)} | \`${JSON.stringify(node.default)}\` | ${node.description ?? ''} |`),
    ''
  ].join('\n')).join('\n')
}

export function environmentTable (): string {
  const rows = VARIABLES.map(({ name, key }) => {
    const leaf = leaves().find((candidate) => candidate.key === key)
    return `| \`${name}\` | \`${key}\` | \`${JSON.stringify(leaf?.node.default)}\` |`
  })
  const keys = DEFAULT_HOST.keys.map((key) => `\`${key}\``).join(' and ')
  const fallback = `| \`${DEFAULT_HOST.name}\` | ${keys}, where neither the file nor a variable above sets it | none |`
  return [
    '| Variable | Key | Default |',
    '|---|---|---|',
    '| `GOVERNOR_CONFIG` | the file itself | `./config.yaml` if present |',
    ...rows,
    fallback,
    ''
  ].join('\n')
}

/** What an administrator may write, in one or two words. */
export const typeName = (node: SchemaNode): string => isNullable(node) ? `${valueName(node)} or null` : valueName(node)

function valueName (node: SchemaNode): string {
  if (node.enum !== undefined) return 'word'
  switch (valueType(node)) {
    case 'integer': return 'whole number'
    case 'number': return 'number'
    case 'boolean': return 'true or false'
    case 'array': return node.items?.properties === undefined ? 'list of text' : 'list of mappings'
    case 'object': return Object.values(node.patternProperties ?? {}).some(({ properties }) => properties !== undefined)
      ? 'map of names to mappings'
      : 'map of text to text'
    default: return 'text'
  }
}

/** The accepted values where the type alone does not say them; empty otherwise. */
export function range ({ enum: words, minimum, maximum }: SchemaNode): string {
  if (words !== undefined) return words.join(', ')
  return minimum === undefined || maximum === undefined ? '' : `${minimum}–${maximum}`
}
