import { settingsNode } from '../schema/leaves.ts'
import type { SchemaNode } from '../schema/node.ts'

/**
 * The text of config.schema.json: JSON Schema draft-07, the version YAML editors know best.
 * No key is required, since each has a default.
 */
export function editorSchema (): string {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'urn:twilio-governor:config',
    title: 'twilio-governor configuration',
    ...withoutRequired(settingsNode)
  }
  return `${JSON.stringify(schema, null, 2)}\n`
}

function withoutRequired (node: SchemaNode): Readonly<Record<string, unknown>> {
  const { properties, ...rest } = node
  const kept = Object.entries(rest).filter(([keyword]) => keyword !== 'required')
  if (properties === undefined) return Object.fromEntries(kept)
  const children = Object.entries(properties).map(([name, child]) => [name, withoutRequired(child)])
  return { ...Object.fromEntries(kept), properties: Object.fromEntries(children) }
}
