/** Which of Twilio's SDKs an application uses, by the files that list what it depends on. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sdk } from './finding.ts'

export interface Found {
  readonly sdk: Sdk
  /** The file that names it. */
  readonly file: string
  readonly version: string | undefined
}

interface Manifest {
  readonly name: RegExp
  readonly sdk: Sdk
  /** What names the SDK; its first group, where it has one, is a version that is pinned. */
  readonly names: RegExp
}

const MANIFESTS: readonly Manifest[] = [
  { name: /^package\.json$/, sdk: 'node', names: /"twilio"\s*:\s*"/ },
  { name: /^package\.json$/, sdk: 'twilio-cli', names: /"(?:twilio-cli|@twilio\/cli-core)"\s*:\s*"/ },
  {
    name: /^(?:requirements[\w.-]*\.txt|pyproject\.toml|Pipfile|setup\.(?:py|cfg))$/,
    sdk: 'python',
    names: /(?:^|["'\s])twilio\b(?![-/.])(?:["'\s]*(?:=|[=~]=)[\s"'=]*([0-9][\w.]*))?/im
  },
  { name: /^go\.mod$/, sdk: 'go', names: /\bgithub\.com\/twilio\/twilio-go\s+v?([0-9][\w.]*)?/ },
  { name: /^(?:pom\.xml|build\.gradle(?:\.kts)?)$/, sdk: 'java', names: /\bcom\.twilio\.sdk\b/ },
  { name: /^composer\.json$/, sdk: 'php', names: /"twilio\/sdk"/ },
  { name: /^Gemfile$/, sdk: 'ruby', names: /['"]twilio-ruby['"]/ },
  { name: /\.[cf]sproj$/, sdk: 'csharp', names: /\bInclude="Twilio"(?:\s+Version="([0-9][\w.]*)")?/i }
]

export async function detectSdks (folder: string): Promise<readonly Found[]> {
  const found = new Map<Sdk, Found>()
  for (const file of (await readdir(folder)).sort()) {
    for (const { name, sdk, names } of MANIFESTS) {
      if (found.has(sdk) || !name.test(file)) continue
      const match = names.exec(await textOf(join(folder, file)))
      if (match !== null) found.set(sdk, { sdk, file, version: sdk === 'node' ? await installed(folder) : match[1] })
    }
  }
  return [...found.values()]
}

async function installed (folder: string): Promise<string | undefined> {
  return /"version"\s*:\s*"([\w.-]+)"/.exec(await textOf(join(folder, 'node_modules', 'twilio', 'package.json')))?.[1]
}

async function textOf (path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}
