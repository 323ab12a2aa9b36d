/**
 * Compiles src/ to dist/. It compiles elsewhere and swaps the folders when all is there, so that whoever runs dist/
 * meanwhile never finds it empty, and a build that fails leaves it as it was.
 */
import { execFileSync } from 'node:child_process'
import { renameSync, rmSync } from 'node:fs'

const draft = `dist-${process.pid}`
const old = `${draft}-old`

try {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', draft], { stdio: 'inherit' })
  swap()
} catch (error) {
  if (error.status === undefined) throw error
  // The compiler has said what is wrong.
  process.exitCode = 1
} finally {
  rmSync(draft, { recursive: true, force: true })
  rmSync(old, { recursive: true, force: true })
}

function swap () {
  unless('ENOENT', () => renameSync('dist', old))
  // Another build was here first.
  unless('ENOTEMPTY', () => renameSync(draft, 'dist'))
}

function unless (code, run) {
  try {
    run()
  } catch (error) {
    if (error.code !== code) throw error
  }
}
