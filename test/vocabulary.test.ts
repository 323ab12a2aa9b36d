/** docs/vocabulary.md, held: words that were retired do not come back where users read. */
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { leaves } from '../src/config/schema/leaves.ts'
import { METRICS } from '../src/telemetry/metrics/metric-list.ts'

/** One word per idea: these stood for an idea that has another name. */
const RETIRED_NAMES = /slot|template|kept|concurrency_limit|turned|gathered/
const UNPLAIN = /\b(?:whoever|whomever|besides|turned away|is told of|are told of)\b|\bof late\b|\bas it came\b/i

/** The page that lists retired words has to say them. */
const PAGES = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md', 'config.example.yaml', ...pagesIn('docs'), ...pagesIn('docs/adoption')]
  .filter((page) => page !== 'docs/vocabulary.md')

function pagesIn (folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.md')).map((name) => `${folder}/${name}`)
}

t.test('metrics and settings have no name of a retired word', async (t) => {
  t.ok(Object.keys(METRICS).length > 40)
  for (const name of Object.keys(METRICS)) t.notMatch(name, RETIRED_NAMES)
  for (const { key } of leaves()) t.notMatch(key, RETIRED_NAMES)
})

t.test('what metrics and settings say of themselves is plain', async (t) => {
  for (const [name, { help }] of Object.entries(METRICS)) t.notMatch(help, UNPLAIN, name)
  for (const { key, node } of leaves()) t.notMatch(node.description ?? '', UNPLAIN, key)
})

t.test('pages are plain', async (t) => {
  t.ok(PAGES.length > 20)
  for (const page of PAGES) {
    const lines = readFileSync(page, 'utf8').split('\n')
    t.same(lines.filter((line) => UNPLAIN.test(line)), [], page)
  }
})
