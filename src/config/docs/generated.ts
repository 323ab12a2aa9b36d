import { editorSchema } from './editor-schema.ts'
import { exampleYaml } from './example.ts'
import { environmentTable, keyTables } from './tables.ts'

export interface GeneratedFile {
  /** Relative to the root of the project. */
  readonly path: string
  readonly text: string
}

/**
 * The files that follow from the schema. In docs/configuration.md only the parts between its markers do; the rest of it
 * stays.
 * @throws Error when the page has lost a marker.
 */
export function generatedFiles (docsPage: string): readonly GeneratedFile[] {
  const page = between(between(docsPage, 'environment', environmentTable()), 'keys', keyTables())
  return [
    { path: 'config.schema.json', text: editorSchema() },
    { path: 'config.example.yaml', text: exampleYaml() },
    { path: 'docs/configuration.md', text: page }
  ]
}

function between (page: string, name: string, text: string): string {
  const [start, end] = [`<!-- generated: ${name} -->\n`, `<!-- end: ${name} -->`]
  const [from, to] = [page.indexOf(start), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`docs/configuration.md lacks the markers of "${name}"`)
  return `${page.slice(0, from)}${start}\n${text}\n${page.slice(to)}`
}
