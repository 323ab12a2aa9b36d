import t from 'tap'
import { editorSchema } from '../../src/config/docs/editor-schema.ts'
import { exampleYaml } from '../../src/config/docs/example.ts'
import { leaves } from '../../src/config/schema/leaves.ts'
import { isNullable, valueType } from '../../src/config/schema/node.ts'
import { keyTables } from '../../src/config/docs/tables.ts'
import { faults, load, told } from './loading.ts'

const NULLABLE = leaves().filter(({ node }) => isNullable(node))

t.test('a key that may be null says what else it may be', async (t) => {
  t.strictSame(told(faults(t, "callbacks:\n  retries: 6\n  connectTimeoutMs: '3000'\n  readTimeoutMs: 99\n  totalTimeMs: 15001")), [
    'callbacks.retries: must be a whole number from 0 to 5, or null; found the number 6 (line 2)',
    'callbacks.connectTimeoutMs: must be a whole number from 100 to 10000, or null; found the text "3000" (line 3)',
    'callbacks.readTimeoutMs: must be a whole number from 100 to 15000, or null; found the number 99 (line 4)',
    'callbacks.totalTimeMs: must be a whole number from 100 to 15000, or null; found the number 15001 (line 5)'
  ])
  t.match(told(faults(t, 'callbacks: { retries: -1 }')), [/from 0 to 5, or null; found the number -1/])
  t.ok(NULLABLE.length >= 13)
  for (const { key } of NULLABLE) {
    const [section = '', name = ''] = key.split('.')
    t.match(told(faults(t, `${section}: { ${name}: [] }`)), [new RegExp(`^${key}: must be (?!a mapping).*, or null; found an empty list`)], key)
    t.ok(load(t, `${section}: { ${name}: null }`), key)
  }
})

t.test('the files made from the schema say so, too', async (t) => {
  const [tables, example, schema] = [keyTables(), exampleYaml(), editorSchema()]
  for (const { key, node } of NULLABLE) {
    const word = valueType(node) === 'integer' ? 'whole number' : 'text'
    t.match(tables, `| \`${key}\` | ${word} or null |`, key)
    const [section = '', name = ''] = key.split('.')
    const lines = example.slice(example.indexOf(`\n${section}:`)).split('\n')
    const accepted = lines.slice(0, lines.indexOf(`  ${name}: null`)).findLast((line) => line.includes(' or null'))
    t.match(accepted, new RegExp(`^ {2}# ${word} or null`, 'i'), key)
    const { properties } = JSON.parse(schema) as { properties: Record<string, { properties: Record<string, { type: unknown }> }> }
    t.strictSame(properties[section]?.properties[name]?.type, [valueType(node), 'null'], key)
  }
})
