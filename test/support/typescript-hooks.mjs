/** How Node loads a `.ts` file: from the cache, or compiled once. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { compiled } from './compiled.mjs'

export async function load (url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context)
  const file = fileURLToPath(url)
  return { format: 'module', shortCircuit: true, source: await compiled(file, await readFile(file, 'utf8')) }
}
