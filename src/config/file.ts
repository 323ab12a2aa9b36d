import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Environment, Flags } from './environment.ts'
import type { Fault } from './faults.ts'
import { withoutSecrets } from './shown.ts'

export interface ConfigSource {
  /** The file of `--config`, from which nothing else is then looked for. */
  readonly file?: string
  readonly env: Environment
  /** Values of options of the command, by their names. */
  readonly flags?: Flags
  /** Where relative paths start and config.yaml is looked for; without it none is looked for. */
  readonly cwd?: string
}

export interface ConfigFile {
  /** As it was given, for messages. */
  readonly name: string
  readonly namedBy: '--config' | 'GOVERNOR_CONFIG' | 'config.yaml'
}

/** The file that holds the settings: --config, else GOVERNOR_CONFIG, else ./config.yaml if there is one. */
export function findConfigFile ({ file, env, cwd }: ConfigSource): ConfigFile | undefined {
  if (file !== undefined) return { name: file, namedBy: '--config' }
  const named = env['GOVERNOR_CONFIG']
  if (named !== undefined && named !== '') return { name: named, namedBy: 'GOVERNOR_CONFIG' }
  return cwd !== undefined && existsSync(resolve(cwd, 'config.yaml'))
    ? { name: 'config.yaml', namedBy: 'config.yaml' }
    : undefined
}

/** The text of the file, empty when it cannot be read; the faults say why. */
export function readConfigFile (
  { name, namedBy }: ConfigFile,
  cwd = ''
): { readonly text: string, readonly faults: readonly Fault[] } {
  try {
    return { text: readFileSync(resolve(cwd, name), 'utf8'), faults: [] }
  } catch (error) {
    return { text: '', faults: [{ path: namedBy, message: `${reason(error)}: ${withoutSecrets(name)}` }] }
  }
}

function reason (error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'ENOENT': return 'no such file'
    case 'EACCES': return 'no permission to read the file'
    case 'EISDIR': return 'is a directory, not a file'
    default: return 'cannot read the file'
  }
}
