/** The options of `twilio-governor doctor` as they are typed, and what they come to. */
import { resolve } from 'node:path'
import type { DoctorOptions } from './doctor.ts'
import { isSdk, SDKS } from './finding.ts'

export interface DoctorFlags {
  readonly proxy?: string
  readonly baseUrl?: string
  readonly admin?: string
  readonly dir: string
  readonly app: string
  readonly sdk?: string
  readonly json?: true
}

/** `refuse` ends the process with its sentence, which repeats nothing of what was given: it may hold a password. */
export function readFlags (
  flags: DoctorFlags,
  refuse: (sentence: string) => never
): Omit<DoctorOptions, 'env' | 'nowMs'> {
  const origin = (name: 'proxy' | 'admin'): string | undefined => {
    const url = flags[name]
    if (url === undefined) return undefined
    if (!/^http:\/\//i.test(url) || !URL.canParse(url)) {
      refuse(`error: --${name} takes a URL such as http://127.0.0.1:8080`)
    }
    return new URL(url).origin
  }
  const names = flags.sdk?.split(',').map((name) => name.trim())
  if (names !== undefined && !names.every(isSdk)) refuse(`error: --sdk takes ${SDKS.join(', ')}`)
  return {
    proxy: origin('proxy'),
    baseUrl: flags.baseUrl,
    admin: origin('admin'),
    folder: resolve(flags.dir),
    app: resolve(flags.app),
    sdks: names?.filter(isSdk),
    json: flags.json === true
  }
}
