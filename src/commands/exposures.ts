/**
 * What the settings in force expose, and what to do about it. Nothing here is refused, because it may be intended.
 * `start` and `check` warn of each once, because nobody else would notice.
 */
import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Settings } from '../config/schema/settings.ts'
import { isLoopback } from '../proxy/ingress/addresses.ts'

export interface Exposure {
  /** The key of the setting, or the variable or file that is meant. */
  readonly setting: string
  readonly advice: string
}

/** Permission bits and the like; undefined where nothing is there. */
export type LookAt = (path: string) => { readonly mode: number } | undefined

/** `file`: the settings file; undefined without one. */
export function exposures (settings: Settings, file: string | undefined, look: LookAt = modeOf): readonly Exposure[] {
  return [...listeners(settings), ...upstream(settings), ...files(settings, file, look)]
}

function listeners ({ listen, admin, access }: Settings): readonly Exposure[] {
  return [
    ...isLocal(listen.host) || access.required
      ? []
      : [{
          setting: 'listen.host',
          advice: `${listen.host} lets other machines in. Any of them that reaches port ${listen.port} can use the proxy. ` +
            'Set 127.0.0.1, or keep the port to a network that you trust'
        }],
    ...isLocal(admin.host)
      ? []
      : [{
          setting: 'admin.host',
          advice: `${admin.host} lets other machines in. Any of them that reaches port ${admin.port} can read which accounts ` +
            'are used. Set 127.0.0.1, or keep the port to a network that you trust'
        }],
    ...admin.changesFrom === 'anywhere'
      ? [{
          setting: 'admin.changesFrom',
          advice: 'anywhere lets everybody who reaches the admin port throw and release kill switches and cancel deferred deletes. Set loopback, or open the port only to people who may do this'
        }]
      : []
  ]
}

function upstream ({ upstream: { origin } }: Settings): readonly Exposure[] {
  if (origin === null) return []
  const { protocol, hostname } = new URL(origin)
  const plain = protocol === 'http:' && !isLocal(hostname) ? ', without encryption' : ''
  return [{
    setting: 'upstream.origin',
    advice: `all requests and their credentials go to ${origin} instead of Twilio${plain}. Remove it (and GOVERNOR_UPSTREAM) outside of tests`
  }]
}

/** Others: everybody but the owner. */
const OTHERS_READ = 0o044
const OTHERS_WRITE = 0o022
const EVERYBODY_WRITES = 0o002
const STICKY = 0o1000

function files (
  { interception, deferral, state, guard, access, upstream: { caFile } }: Settings,
  file: string | undefined,
  look: LookAt
): readonly Exposure[] {
  const keyPath = interception.caDir === null ? null : join(interception.caDir, 'ca-key.pem')
  const secret = [
    ['interception.caDir', keyPath],
    ['deferral.keyFile', deferral.keyFile],
    ['deferral.file', deferral.file],
    ['deferral.file', deferral.file === null ? null : `${deferral.file}-wal`],
    ['state.file', state.file],
    ['guard.switchesFile', guard.switchesFile],
    ['access.tokensFile', access.tokensFile],
    ...Object.entries(access.credentials).map(([name, { file = null }]) =>
      [`access.credentials.${name}.file`, file] as const)
  ] as const
  const trusted = [['upstream.caFile', caFile], ['the settings file', file ?? null]] as const
  const found = [
    ...secret.flatMap(([setting, path]) => faultsOf(setting, path, OTHERS_READ | OTHERS_WRITE, look)),
    ...trusted.flatMap(([setting, path]) => faultsOf(setting, path, OTHERS_WRITE, look)),
    ...secret.flatMap(([setting, path]) => folderFaults(setting, path, look))
  ]
  return found.filter(
    ({ setting, advice }, i) => found.findIndex((other) => other.setting === setting && other.advice === advice) === i
  )
}

function faultsOf (setting: string, path: string | null, forbidden: number, look: LookAt): readonly Exposure[] {
  const mode = path === null ? undefined : look(path)?.mode
  if (path === null || mode === undefined || (mode & forbidden) === 0) return []
  const can = [
    ...(mode & forbidden & OTHERS_READ) === 0 ? [] : ['read'],
    ...(mode & forbidden & OTHERS_WRITE) === 0 ? [] : ['change']
  ].join(' and ')
  const fix = (forbidden & OTHERS_READ) === 0 ? 'go-w' : 'go-rwx'
  return [{ setting, advice: `users other than its owner can ${can} ${path} (mode ${octal(mode)}). Fix it with chmod ${fix}` }]
}

/**
 * A user who may write to a folder can replace any file in it. In a folder with the sticky bit only the owner can.
 */
function folderFaults (setting: string, path: string | null, look: LookAt): readonly Exposure[] {
  const folder = path === null ? '' : dirname(path)
  const mode = path === null ? undefined : look(folder)?.mode
  if (mode === undefined || (mode & EVERYBODY_WRITES) === 0 || (mode & STICKY) !== 0) return []
  return [{ setting, advice: `everybody can put files into ${folder} (mode ${octal(mode)}). Fix it with chmod o-w` }]
}

const octal = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, '0')

const isLocal = (host: string): boolean => host.toLowerCase() === 'localhost' || isLoopback(host)

/** Follows links. Windows has no such bits. */
function modeOf (path: string): { readonly mode: number } | undefined {
  return process.platform === 'win32' ? undefined : statSync(path, { throwIfNoEntry: false })
}
