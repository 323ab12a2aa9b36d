/** How Node loads a `.ts` file: from the cache, or compiled once. A state of a file has a place of its own, named by its hash. */
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/twilio-governor/modules/', import.meta.url))
/** What the result depends on besides the source. A change of these lines is a change of the key. */
const SETTINGS = { target: 'ES2023', module: 'ESNext', verbatimModuleSyntax: true, inlineSourceMap: true, inlineSources: true }

export async function load (url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context)
  const file = fileURLToPath(url)
  const source = await readFile(file, 'utf8')
  const key = createHash('sha256').update(JSON.stringify([process.version, file, SETTINGS])).update(source).digest('hex')
  const place = `${CACHE}${key}.mjs`
  const compiled = await readFile(place, 'utf8').catch(() => compile(file, source, place))
  return { format: 'module', shortCircuit: true, source: compiled }
}

async function compile (file, source, place) {
  const { default: typescript } = await import('typescript')
  const { options } = typescript.convertCompilerOptionsFromJson(SETTINGS, '.')
  const { outputText } = typescript.transpileModule(source, { fileName: file, compilerOptions: options })
  await mkdir(CACHE, { recursive: true })
  // Another process may want the same: it finds all of it or nothing.
  await writeFile(`${place}.${process.pid}`, outputText)
  await rename(`${place}.${process.pid}`, place)
  return outputText
}
