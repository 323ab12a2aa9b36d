/** docs/vocabulary.md, held: words that were retired do not come back where users read, nor in comments of src. */
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import ts from 'typescript'
import { leaves, settingsNode } from '../src/config/schema/leaves.ts'
import type { SchemaNode } from '../src/config/schema/node.ts'
import { METRICS } from '../src/telemetry/metrics/metric-list.ts'

/** One word per idea: these stood for an idea that has another name. */
const RETIRED_NAMES = /slot|template|kept|concurrency_limit|turned|gathered/
/** No plain English, wherever it stands. */
const UNPLAIN = new RegExp([
  '\\b(?:whoever|whomever|besides|turned away|of late|a most)\\b',
  '\\b(?:is|are|was|were|be|been|being) told of\\b',
  '\\b(?:tells|tell) of\\b',
  '\\bas (?:it|they|he) came\\b'
].join('|'), 'i')
/** Sentences for users have other words: cached, stored or held; open hours; shed or throttled; ceiling. */
const RETIRED_WORDS = /\bkept\b|(?<!\|)\bwindows?\b|\brefused with 429\b|\bconcurrency limit\b|\bnobody knows\b/i

/** The page that lists retired words has to say them. */
const PAGES = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md', 'config.example.yaml', ...pagesIn('docs'), ...pagesIn('docs/adoption'), ...pagesIn('docs/adr')]
  .filter((page) => page !== 'docs/vocabulary.md')

function pagesIn (folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.md')).map((name) => `${folder}/${name}`)
}

/** Every sentence of a setting: what it means, and what its value must be. */
function sentencesOf (node: SchemaNode): string[] {
  const inner = [
    ...Object.values(node.properties ?? {}),
    ...Object.values(node.patternProperties ?? {}),
    ...[node.items, node.propertyNames].filter((child) => child !== undefined)
  ]
  return [node.description ?? '', node.patternErrorMessage ?? '', ...inner.flatMap(sentencesOf)].filter((text) => text !== '')
}

interface Found { readonly at: string, readonly text: string }

/** Strings with a space in them, and comments, of every file of src. */
function wordsOfSource (): { readonly strings: readonly Found[], readonly comments: readonly Found[] } {
  const strings: Found[] = []
  const comments: Found[] = []
  for (const name of readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))) {
    const text = readFileSync(`src/${name}`, 'utf8')
    const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true)
    const seen = new Set<number>()
    const at = (position: number): string => `src/${name}:${file.getLineAndCharacterOfPosition(position).line + 1}`
    const visit = (node: ts.Node): void => {
      for (const { pos, end } of ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []) {
        if (seen.has(pos)) continue
        seen.add(pos)
        comments.push({ at: at(pos), text: text.slice(pos, end).replace(/\s*\n\s*(?:\*|\/\/)?\s*/g, ' ') })
      }
      const isText = ts.isStringLiteral(node) || ts.isTemplateExpression(node) || ts.isNoSubstitutionTemplateLiteral(node)
      if (isText && / /.test(node.getText(file))) strings.push({ at: at(node.getStart(file)), text: node.getText(file) })
      for (const child of node.getChildren(file)) visit(child)
    }
    visit(file)
  }
  return { strings, comments }
}

t.test('metrics and settings have no name of a retired word', async (t) => {
  t.ok(Object.keys(METRICS).length > 40)
  for (const name of Object.keys(METRICS)) t.notMatch(name, RETIRED_NAMES)
  for (const { key } of leaves()) t.notMatch(key, RETIRED_NAMES)
})

t.test('what metrics and settings say of themselves is plain', async (t) => {
  const sentences = [...Object.values(METRICS).map(({ help }) => help), ...sentencesOf(settingsNode)]
  t.ok(sentences.length > 200, `${sentences.length} sentences`)
  t.same(sentences.filter((text) => UNPLAIN.test(text) || RETIRED_WORDS.test(text)), [])
})

t.test('a sentence of a setting has no more than 27 words', async (t) => {
  const long = sentencesOf(settingsNode).flatMap((text) => text.split(/(?<=[.:;]) /)).filter((text) => text.split(/ +/).length > 27)
  t.same(long, [])
})

t.test('pages are plain', async (t) => {
  t.ok(PAGES.length > 40)
  for (const page of PAGES) {
    const lines = readFileSync(page, 'utf8').split('\n')
    t.same(lines.filter((line) => UNPLAIN.test(line)), [], page)
  }
})

t.test('messages and comments of src are plain', async (t) => {
  const { strings, comments } = wordsOfSource()
  t.ok(strings.length > 500 && comments.length > 2_000, `${strings.length} strings, ${comments.length} comments`)
  t.same(strings.filter(({ text }) => UNPLAIN.test(text) || RETIRED_WORDS.test(text)), [])
  t.same(comments.filter(({ text }) => UNPLAIN.test(text)), [])
})
