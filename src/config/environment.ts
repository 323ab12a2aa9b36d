import { nearest } from './suggest.ts'
import { settingsNode } from './schema/leaves.ts'
import { valueType, type SchemaNode } from './schema/node.ts'

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
  { name: 'GOVERNOR_TOKENS_FILE', key: 'access.tokensFile' },
  { name: 'GOVERNOR_STATE_FILE', key: 'state.file' },
  { name: 'LOG_LEVEL', key: 'log.level' },
  // The later one counts: the application may have a LOG_LEVEL of its own.
  { name: 'GOVERNOR_LOG_LEVEL', key: 'log.level' }
] as const

/** A variable that the file overrides: the default of an image, which its user can change. */
export const DEFAULT_HOST = { name: 'GOVERNOR_DEFAULT_HOST', keys: ['listen.host', 'admin.host'] } as const

/** Other variables of ours: they name no key. */
const FURTHER = ['GOVERNOR_CONFIG', DEFAULT_HOST.name, 'GOVERNOR_SIMULATOR_PORT'] as const
const OURS = /^(?:GOVERNOR_|LOG_LEVEL$)/
/** Kubernetes tells each pod of the Services of its namespace, in these forms; Docker's links did, too. */
const SERVICE_LINK =
  /^GOVERNOR_(?:[A-Z0-9_]+_)?(?:SERVICE_(?:HOST|PORT(?:_[A-Z0-9_]+)?)|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?|NAME|ENV_[A-Z0-9_]+)$/

/**
 * The environment without the line ends that files of variables leave behind our values when they come from Windows.
 */
export function cleaned (env: Environment): Environment {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, OURS.test(name) ? value?.replace(/[\r\n]+$/, '') : value])
  )
}

/** Variables that are named like ours and change nothing, and why. */
export function idleVariables (env: Environment): ReadonlyArray<{ readonly name: string, readonly advice: string }> {
  const known = [...VARIABLES.map(({ name }) => name), ...FURTHER]
  const unknown = Object.keys(env)
    .filter((name) =>
      /^GOVERNOR_/i.test(name) && env[name] !== '' && !known.some((one) => one === name) && !SERVICE_LINK.test(name))
  const links = VARIABLES.filter(({ name, key }) => isServiceLink(env[name] ?? '', key))
  return [
    ...unknown.map(
      (name) => ({ name, advice: 'this variable is unknown and changes nothing; ' + didYouMean(nearest(name, known)) })
    ),
    ...links.map(({ name }) => ({
      name,
      advice: 'Kubernetes set it for a Service of this name, so it counts as unset; set enableServiceLinks: false in the pod'
    }))
  ]
}

const didYouMean = (name: string | undefined): string =>
  name === undefined ? 'docs/configuration.md lists the known ones' : `did you mean ${name}?`

/** Options of `start` that override a key. */
const FLAGS = { port: 'listen.port', upstream: 'upstream.origin' } as const

export type Flags = { readonly [Name in keyof typeof FLAGS]?: string | number | undefined }

export const flagged = (
  flags: Flags
): readonly Override[] => (Object.keys(FLAGS) as Array<keyof Flags>).flatMap((name) => {
  const value = flags[name]
  return value === undefined ? [] : [{ name: `--${name}`, key: FLAGS[name], value }]
})

export interface Override {
  readonly name: string
  readonly key: string
  readonly value: string | number | boolean
}

/** The overrides that are set. An empty variable counts as unset, and so does what Kubernetes has set. */
export function overrides (env: Environment): readonly Override[] {
  const all = valuesOf(VARIABLES, env)
  return all.filter(({ key }, i) => all.findLastIndex((other) => other.key === key) === i)
}

/** The defaults that are set and not overridden. `given` says whether the file has a key. */
export function ownDefaults (env: Environment, given: (key: string) => boolean): readonly Override[] {
  const overridden = new Set(overrides(env).map(({ key }) => key))
  return valuesOf(DEFAULT_HOST.keys.map((key) => ({ name: DEFAULT_HOST.name, key })), env).filter(
    ({ key }) => !given(key) && !overridden.has(key)
  )
}

function valuesOf (
  variables: ReadonlyArray<{ readonly name: string, readonly key: string }>,
  env: Environment
): readonly Override[] {
  return variables.flatMap(({ name, key }) => {
    const text = env[name]
    return text === undefined || text === '' || isServiceLink(text, key) ? [] : [{ name, key, value: typed(text, key) }]
  })
}

function typed (text: string, key: string): string | number | boolean {
  const type = typeOf(key)
  if (type === 'integer' && /^-?\d{1,15}$/.test(text)) return Number(text)
  if (key === 'log.level') return text.toLowerCase() === 'warning' ? 'warn' : text.toLowerCase()
  return type === 'boolean' && /^(?:true|false)$/i.test(text) ? text.toLowerCase() === 'true' : text
}

/** Kubernetes gives each pod <SERVICE>_PORT=tcp://… for every Service of its namespace: nobody has set that. */
const isServiceLink = (text: string, key: string): boolean =>
  typeOf(key) === 'integer' && /^(?:tcp|udp|sctp):\/\//.test(text)

function typeOf (key: string): ReturnType<typeof valueType> {
  return valueType(
    key.split('.').reduce<SchemaNode | undefined>((at, name) => at?.properties?.[name], settingsNode) ?? {}
  )
}
