/**
 * Compiles what has changed before the tests start, in one process. Else each test's process that meets a changed file
 * would load the compiler, which takes it a second.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { CACHE, compiled, nameOf } from './compiled.mjs'
import { STRIPS_TYPES } from './typescript.mjs'

if (!STRIPS_TYPES) {
  const current = new Set()
  for (const folder of ['src', 'test', 'bench']) {
    for (const name of readdirSync(folder, { recursive: true })) {
      if (!name.endsWith('.ts') || name.includes('node_modules')) continue
      const file = resolve(folder, name)
      const source = readFileSync(file, 'utf8')
      await compiled(file, source)
      current.add(nameOf(file, source))
    }
  }
  for (const name of readdirSync(CACHE)) if (!current.has(name)) rmSync(CACHE + name, { force: true })
}
