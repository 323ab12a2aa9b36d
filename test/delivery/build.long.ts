import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { run, type Program } from '../support/programs.ts'

/** A project of one file that has been built before. */
function project (t: Test, source: string): string {
  return t.testdir({
    'build.mjs': readFileSync('build.mjs', 'utf8'),
    'tsconfig.build.json': '{ "compilerOptions": { "module": "nodenext", "types": [], "rootDir": "src", "outDir": "dist" }, "include": ["src"] }',
    'package.json': '{ "type": "module" }',
    node_modules: { typescript: t.fixture('symlink', join(process.cwd(), 'node_modules', 'typescript')) },
    src: { 'main.ts': source },
    dist: { 'before.js': '' }
  })
}

const build = (t: Test, cwd: string): Program => run(t, process.execPath, ['build.mjs'], { cwd })

t.test('a build replaces dist/ when it is complete, not before', async (t) => {
  const cwd = project(t, 'export const answer: number = 42\n')
  const drafts = (): string[] => readdirSync(cwd).filter((name) => name.startsWith('dist-'))
  const { ended } = build(t, cwd)
  while (drafts().length === 0 && existsSync(join(cwd, 'dist/before.js'))) await new Promise((resolve) => { setImmediate(resolve) })
  t.ok(existsSync(join(cwd, 'dist/before.js')), 'what there was stays while it compiles')
  t.match(await ended, { code: 0, stderr: '' })
  t.strictSame(readdirSync(join(cwd, 'dist')), ['main.js'])
  t.strictSame(drafts(), [], 'nothing is left over')
})

t.test('a build that fails says why and leaves dist/ as it was', async (t) => {
  const cwd = project(t, 'export const answer: number = "42"\n')
  t.match(await build(t, cwd).ended, { code: 1, stdout: /TS2322/, stderr: '' })
  t.strictSame(readdirSync(join(cwd, 'dist')), ['before.js'])
  t.strictSame(readdirSync(cwd).filter((name) => name.startsWith('dist-')), [])
})
