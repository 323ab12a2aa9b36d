/** TypeScript as JavaScript, kept in a cache. A state of a file has a place of its own, named by its hash. */
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

export const CACHE = fileURLToPath(new URL('../../node_modules/.cache/twilio-governor/modules/', import.meta.url))
/** What the result depends on besides the source. A change of these lines is a change of the key. */
const SETTINGS = { target: 'ES2023', module: 'ESNext', verbatimModuleSyntax: true, inlineSourceMap: true, inlineSources: true }

/** The name in the cache of this state of a file. */
export function nameOf (file, source) {
  return `${createHash('sha256').update(JSON.stringify([process.version, file, SETTINGS])).update(source).digest('hex')}.mjs`
}

/** The JavaScript of a file, from the cache or compiled now. */
export async function compiled (file, source) {
  const place = CACHE + nameOf(file, source)
  return await readFile(place, 'utf8').catch(() => compile(file, source, place))
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
