import { readdirSync, readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import t from 'tap'
import { parse } from 'yaml'
import { editorSchema } from '../../src/config/docs/editor-schema.ts'
import { generatedFiles } from '../../src/config/docs/generated.ts'
import { loadSettings } from '../../src/config/load.ts'
import { leaves, settingsNode } from '../../src/config/schema/leaves.ts'
import type { SchemaNode } from '../../src/config/schema/node.ts'
import { valueAt, withDefaults } from '../../src/config/tree.ts'
import { errorOf, load } from './loading.ts'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const page = read('docs/configuration.md')
const example = read('config.example.yaml')

t.test('the files made from the schema are current (npm run docs)', async (t) => {
  for (const { path, text } of generatedFiles(page)) t.equal(read(path), text, path)
})

t.test('a page without its markers is refused', async (t) => {
  t.throws(() => generatedFiles('# Configuration'), /markers of "environment"/)
})

t.test('the example has every key, and loads to exactly the defaults', async (t) => {
  const content: unknown = parse(example)
  for (const { key } of leaves()) t.not(valueAt(content, key), undefined, key)
  t.strictSame(content, withDefaults({}))
  t.strictSame(load(t, example), loadSettings({ cwd: t.testdir({}), env: {} }))
})

t.test('each example of a value in config.example.yaml is accepted', async (t) => {
  const examples = leaves().filter(({ node }) => node.examples !== undefined)
  t.ok(examples.length >= 5)
  for (const { key, node } of examples) {
    const [section = '', name = ''] = key.split('.')
    const line = new RegExp(`# Example: (${name}: .*)`).exec(example.slice(example.indexOf(`\n${section}:`)))?.[1] ?? ''
    // Those that name a file that has to be there, which is not here.
    if (key === 'upstream.caFile' || key === 'deferral.keyFile') t.throws(() => load(t, `${section}:\n  ${line}`), { message: new RegExp(`^1 fault .*${key}: cannot be read`, 's') })
    else t.strictSame(valueAt(load(t, `${section}:\n  ${line}`), key), node.examples?.[0], key)
  }
})

t.test('every key says its meaning in a sentence, its default, and how much is accepted', async (t) => {
  for (const { key, node } of leaves()) {
    t.match(node.description, /^[A-Z].{30,}\.$|^[^.]{30,}.*\.$/, key)
    t.not(node.default, undefined, key)
    if (node.type === 'integer' || node.type === 'number') t.ok(node.minimum !== undefined && node.maximum !== undefined, key)
    if (/Ms$/.test(key)) t.match(node.description, /millisecond/i, key)
    if (/Bytes$/.test(key)) t.match(node.description, /bytes/i, key)
  }
})

t.test('every mapping refuses keys it does not know', async (t) => {
  const visit = (node: SchemaNode & { additionalProperties?: unknown }, key: string): void => {
    if (node.type === 'object') t.equal(node.additionalProperties, false, key)
    for (const [name, child] of Object.entries(node.properties ?? {})) visit(child, `${key}.${name}`)
  }
  visit(settingsNode, '')
})

t.test('the editor schema accepts what loads and refuses what does not', async (t) => {
  const accepts = new Ajv({ strict: false }).compile(JSON.parse(editorSchema()) as object)
  t.ok(accepts({}), 'no key is required')
  t.ok(accepts(parse(example)))
  t.ok(accepts({ limit: { mode: 'shadow' } }))
  t.notOk(accepts({ limit: { mode: 'of' } }))
  t.notOk(accepts({ limit: { nope: 1 } }))
  t.notOk(accepts({ accounts: { map: { SK1: 'AC1' } } }))
})

t.test('the configurations of the documentation load, and its faulty one has the faults shown', async (t) => {
  const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text)
  const [faulty = '', ...sound] = blocks
  t.ok(sound.length >= 6)
  for (const text of sound) t.ok(load(t, text), text)
  const shown = /```text\n([\s\S]*?)\n```/.exec(page)?.[1]
  t.equal(errorOf(() => load(t, faulty, { GOVERNOR_ADMIN_PORT: '70000' })).message, shown)
})

t.test('the configurations of the other pages load, too', async (t) => {
  const pages = readdirSync(new URL('../../docs', import.meta.url), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && name !== 'configuration.md').map((name) => `docs/${name}`)
  const blocks = ['README.md', ...pages].flatMap((name) => [...read(name).matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => ({ name, text })))
    // Others are manifests and the like.
    .filter(({ text }) => Object.hasOwn(settingsNode.properties ?? {}, /^\w+(?=:)/m.exec(text)?.[0] ?? ''))
  t.ok(blocks.length >= 8)
  for (const { name, text } of blocks) t.ok(load(t, text), `${name}: ${text}`)
})
