/** What docs/architecture.md says of the tree, held. */
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'

const entries = readdirSync('src', { recursive: true, withFileTypes: true })
const rooms = new Map<string, string[]>()
for (const entry of entries.filter((entry) => entry.isFile())) {
  const files = rooms.get(entry.parentPath) ?? []
  rooms.set(entry.parentPath, [...files, entry.name])
}

t.test('no room of src has more than 15 files of its own, and the proxy 8 beside its rooms', async (t) => {
  t.ok(rooms.size > 20)
  for (const [room, files] of rooms) t.ok(files.length <= (room === 'src/proxy' ? 8 : 15), `${room}: ${files.length}`)
})

t.test('ports are contracts: the only thing that runs there is the clock of the system', async (t) => {
  const running = (rooms.get('src/proxy/ports') ?? []).filter((name) =>
    /^export (?:async )?(?:function|class) /m.test(readFileSync(`src/proxy/ports/${name}`, 'utf8')))
  t.same(running, [])
})

t.test('three TypeScript projects, and nothing that benchmarks lend to tests', async (t) => {
  t.same(readdirSync('.').filter((name) => /^tsconfig.*\.json$/.test(name)).length, 3)
  const tests = readdirSync('test', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  for (const name of tests) {
    t.notMatch(readFileSync(`test/${name}`, 'utf8'), /from '(?:\.\.\/)+bench\//, name)
  }
})

t.test('the first screen of the README is 40 lines with its value, its chart and its two commands', async (t) => {
  const screen = readFileSync('README.md', 'utf8').split('\n').slice(0, 40)
  t.ok(screen.every((line) => line.length <= 120))
  for (const part of [/npm ci && npm run demo/, /npm ci && npm test/, /!\[.*\]\(docs\/.*\.svg\)/, /npm install twilio-governor/]) {
    t.match(screen.join('\n'), part)
  }
})

t.test('a line of src is 120 long, unless it is a sentence, a table or a pattern', async (t) => {
  for (const [room, files] of rooms) {
    for (const name of files.filter((name) => name.endsWith('.ts') && name !== 'sdk-names.ts')) {
      const long = readFileSync(`${room}/${name}`, 'utf8').split('\n').filter((line) => line.length > 120)
      t.same(long.filter((line) => !/(['"`]).{60,}|\/\^|`|Node extends|= iif\(/.test(line)), [], `${room}/${name}`)
    }
  }
})
