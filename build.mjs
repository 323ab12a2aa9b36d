/**
 * Compiles src/ to dist/. It compiles elsewhere and swaps the folders when all is there, so that whoever runs dist/
 * meanwhile never finds it empty, and a build that fails leaves it as it was.
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, renameSync, rmSync, symlinkSync } from 'node:fs'

const draft = `dist-${process.pid}`
const old = `${draft}-old`

try {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', draft], { stdio: 'inherit' })
  swap()
  link()
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

/** As an installation has it: `twilio-governor` among the programs of node_modules. */
function link () {
  const folder = 'node_modules/.bin'
  chmodSync('dist/main.js', 0o755)
  if (process.platform === 'win32' || !existsSync(folder)) return
  unless('EEXIST', () => symlinkSync('../../dist/main.js', `${folder}/twilio-governor`))
}

function unless (code, run) {
  try {
    run()
  } catch (error) {
    if (error.code !== code) throw error
  }
}
