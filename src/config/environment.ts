import { settingsNode, valueType, type SchemaNode } from './schema/node.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Variables that override a key of the file. GOVERNOR_CONFIG, which names the file, is not among them. */
export const VARIABLES = [
  { name: 'GOVERNOR_HOST', key: 'listen.host' },
  { name: 'GOVERNOR_PORT', key: 'listen.port' },
  { name: 'GOVERNOR_ADMIN_HOST', key: 'admin.host' },
  { name: 'GOVERNOR_ADMIN_PORT', key: 'admin.port' },
  { name: 'GOVERNOR_REWRITE_PAGE_URLS', key: 'listen.rewritePageUrls' },
  { name: 'GOVERNOR_UPSTREAM', key: 'upstream.origin' },
  { name: 'GOVERNOR_UPSTREAM_PROXY', key: 'upstream.proxy' },
  { name: 'GOVERNOR_CA_DIR', key: 'interception.caDir' },
  { name: 'GOVERNOR_LIMIT_MODE', key: 'limit.mode' },
  { name: 'GOVERNOR_LIMIT_ALGORITHM', key: 'limit.algorithm' },
  { name: 'GOVERNOR_DEFERRAL_FILE', key: 'deferral.file' },
  { name: 'GOVERNOR_DEFERRAL_KEY', key: 'deferral.key' },
  { name: 'GOVERNOR_STATE_FILE', key: 'state.file' },
  { name: 'LOG_LEVEL', key: 'log.level' }
] as const

/** A variable that gives way to the file: the default of an image, which whoever runs it can overrule. */
export const DEFAULT_HOST = { name: 'GOVERNOR_DEFAULT_HOST', keys: ['listen.host', 'admin.host'] } as const

export interface Override {
  readonly name: string
  readonly key: string
  readonly value: string | number | boolean
  /** Why the variable may have a value that nobody gave it. */
  readonly hint: string | undefined
}

/** The overrides that are set. An empty variable counts as unset. */
export const overrides = (env: Environment): readonly Override[] => valuesOf(VARIABLES, env)

/** The defaults that are set and that nothing comes before: `given` tells of a key of the file. */
export function ownDefaults (env: Environment, given: (key: string) => boolean): readonly Override[] {
  const overridden = new Set(overrides(env).map(({ key }) => key))
  return valuesOf(DEFAULT_HOST.keys.map((key) => ({ name: DEFAULT_HOST.name, key })), env).filter(({ key }) => !given(key) && !overridden.has(key))
}

function valuesOf (variables: ReadonlyArray<{ readonly name: string, readonly key: string }>, env: Environment): readonly Override[] {
  return variables.flatMap(({ name, key }) => {
    const text = env[name]
    return text === undefined || text === '' ? [] : [{ name, key, value: typed(text, key), hint: hint(text, key) }]
  })
}

function typed (text: string, key: string): string | number | boolean {
  const type = typeOf(key)
  if (type === 'integer' && /^-?\d{1,15}$/.test(text)) return Number(text)
  return type === 'boolean' && /^(?:true|false)$/i.test(text) ? text.toLowerCase() === 'true' : text
}

// Kubernetes gives each pod <SERVICE>_PORT=tcp://… for every Service of its namespace.
const hint = (text: string, key: string): string | undefined => typeOf(key) === 'integer' && text.startsWith('tcp://')
  ? 'Kubernetes sets it so for a Service of this name: set enableServiceLinks: false in the pod'
  : undefined

function typeOf (key: string): ReturnType<typeof valueType> {
  return valueType(key.split('.').reduce<SchemaNode | undefined>((at, name) => at?.properties?.[name], settingsNode) ?? {})
}
