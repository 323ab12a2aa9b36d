/**
 * The program as JavaScript, made from the source as it is now. Not dist/: that may be yesterday's, and
 * another run may be clearing it away. Each state of the source has a place of its own, named by a hash,
 * so test files that run side by side share one and cannot disturb each other.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CACHE = join(ROOT, 'node_modules', '.cache', 'twilio-governor')
/** Builds of other states of the source that are kept: others may be running them. */
const KEEP = 20

/** Path of the built main.js. The first caller builds; it takes about a second. */
export async function buildProgram (): Promise<string> {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts')).sort()
  const inputs = ['package.json', 'tsconfig.json', 'test/support/build.ts', ...sources.map((file) => join('src', file))]
  const hash = createHash('sha256')
  const texts = new Map(inputs.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]))
  for (const [file, text] of texts) hash.update(`${file}\0${text}\0`)
  const place = join(CACHE, hash.digest('hex').slice(0, 16))
  const main = join(place, 'dist', 'main.js')
  if (existsSync(main)) return main

  const { default: typescript } = await import('typescript')
  const { config } = typescript.readConfigFile(join(ROOT, 'tsconfig.json'), (file) => readFileSync(file, 'utf8'))
  const { options } = typescript.convertCompilerOptionsFromJson(config.compilerOptions, ROOT)
  mkdirSync(CACHE, { recursive: true })
  const draft = mkdtempSync(join(CACHE, 'draft-'))
  writeFileSync(join(draft, 'package.json'), texts.get('package.json')!)
  for (const file of sources) {
    const { outputText } = typescript.transpileModule(texts.get(join('src', file))!, {
      fileName: join(ROOT, 'src', file), compilerOptions: { ...options, module: typescript.ModuleKind.ESNext, noEmit: false, sourceMap: false }
    })
    const target = join(draft, 'dist', file.replace(/\.ts$/, '.js'))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, outputText)
  }
  try {
    renameSync(draft, place)
  } catch (error) {
    // Somebody else was first with the same.
    rmSync(draft, { recursive: true })
    if (!existsSync(main)) throw error
  }
  forget(place)
  return main
}

function forget (current: string): void {
  const others = readdirSync(CACHE).map((name) => join(CACHE, name)).filter((place) => place !== current && !place.includes('draft-'))
  for (const place of others.slice(0, Math.max(0, others.length - KEEP))) rmSync(place, { recursive: true, force: true })
}
