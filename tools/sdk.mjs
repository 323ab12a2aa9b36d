/**
 * What the newest Twilio SDK knows of Twilio: `node tools/sdk.mjs` writes src/twilio/sdk-names.ts from the SDK in
 * node_modules, `--check` says whether that file is behind it, and `--newest` asks the registry whether that SDK is behind.
 */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

const SDK = new URL('../node_modules/twilio/', import.meta.url)
const REST = new URL('lib/rest/', SDK)
const TARGET = new URL('../src/twilio/sdk-names.ts', import.meta.url)
/** A literal in one path, and a country, which is data: GB. */
const NO_WORDS = new Set(['GB'])

const { version } = JSON.parse(readFileSync(new URL('package.json', SDK), 'utf8'))

const [mode] = process.argv.slice(2)
if (mode === '--newest') tellNewest()
else if (mode === '--check') check()
else if (mode === undefined) writeFileSync(TARGET, fileText())
else fail(`unknown option ${mode}; accepted are --check and --newest`)

function fileText () {
  return `${[
    '/** What Twilio\'s Node SDK names. Written by `npm run sdk`; do not edit. */',
    `export const SDK_VERSION = '${version}'`,
    '',
    '/** First labels of the API hosts. */',
    ...listing('SDK_PRODUCTS', products(), true),
    '',
    '/** Literal words in the paths, without `.json`. */',
    ...listing('SDK_PATH_WORDS', pathWords()),
    '',
    '/** Two words that stand side by side in the paths. */',
    ...listing('SDK_WORD_PAIRS', wordPairs())
  ].join('\n')}\n`
}

/** Each domain of the SDK sets its base URL once. */
function products () {
  const domains = readdirSync(REST).filter((name) => name.endsWith('Base.js'))
  return sorted(domains.map((name) => {
    const label = /super\(twilio, "https:\/\/([a-z0-9-]+)\.twilio\.com"\)/.exec(readFileSync(new URL(name, REST), 'utf8'))?.[1]
    return label ?? fail(`${name} names its host in a way that this script cannot read`)
  }))
}

/** The paths, segment by segment; what is filled in is empty. */
function paths () {
  const files = readdirSync(REST, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'))
  const uris = files.flatMap((name) => [...readFileSync(new URL(name, REST), 'utf8').matchAll(/_uri = `([^`]*)`/g)].map(([, uri]) => uri))
  return uris.map((uri) => uri.split('/').map((part) => part.replace(/\.json$/, '')).map((part) => part.includes('$') || NO_WORDS.has(part) ? '' : part))
}

function pathWords () {
  return sorted(paths().flat().filter((part) => part !== ''))
}

function wordPairs () {
  return sorted(paths().flatMap((parts) => parts.slice(1).map((part, i) => [parts[i], part])).filter(([word, next]) => word !== '' && next !== '').map((pair) => pair.join(' ')))
}

function listing (name, words, isClosed = false) {
  const lines = ['']
  for (const word of words) {
    const next = `'${word}', `
    if (lines.at(-1).length + next.length > 116) lines.push('')
    lines[lines.length - 1] += next
  }
  const body = lines.map((line) => `  ${line.trimEnd()}`)
  body[body.length - 1] = body.at(-1).replace(/,$/, '')
  return isClosed
    ? [`export const ${name} = [`, ...body, '] as const']
    : [`export const ${name}: readonly string[] = [`, ...body, ']']
}

function check () {
  if (readFileSync(TARGET, 'utf8') !== fileText()) fail(`src/twilio/sdk-names.ts is behind twilio ${version}: run npm run sdk`)
}

function tellNewest () {
  const newest = execFileSync('npm', ['view', 'twilio', 'version'], { encoding: 'utf8' }).trim()
  if (newest !== version) fail(`twilio ${newest} is out, and ${version} is installed: npm install --save-optional twilio@${newest} && npm run sdk`)
  console.log(`twilio ${version} is the newest`)
}

function sorted (words) {
  return [...new Set(words)].sort()
}

function fail (sentence) {
  console.error(sentence)
  process.exit(1)
}
