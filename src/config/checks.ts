/** What no schema can say: how keys must agree with each other, and that files are there. */
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { deferral } from './schema/deferral.ts'
import type { LocatedFault } from './validate.ts'
import type { Settings } from './schema/settings.ts'

interface Check {
  /** The key that the fault is told of. */
  readonly key: string
  /** The keys read: when one of them is faulty by itself, the check has nothing to say. */
  readonly reads: readonly string[]
  /** What is wrong; undefined when nothing is. */
  readonly fault: (settings: Settings) => string | undefined
}

const atLeast = (key: string, least: string, read: (settings: Settings) => readonly [number, number]): Check => ({
  key,
  reads: [key, least],
  fault: (settings) => {
    const [value, bound] = read(settings)
    return value >= bound ? undefined : `must be at least ${least} (${bound}); found the number ${value}`
  }
})

/** What stands for accounts that have no name of their own, in labels and in limiter keys. */
const RESERVED_NAMES = ['other', 'overflow', 'bearer', 'anonymous']
const SID = /^(?:AC|SK)[0-9A-Za-z]{32}$/

const CHECKS: readonly Check[] = [
  {
    key: 'admin.port',
    reads: ['listen.host', 'listen.port', 'admin.host', 'admin.port'],
    fault: ({ listen, admin }) => admin.port !== 0 && admin.port === listen.port && admin.host === listen.host
      ? `must differ from listen.port (${listen.port}), as both have the same host`
      : undefined
  },
  {
    key: 'upstream.origin',
    reads: ['upstream.origin'],
    fault: ({ upstream: { origin } }) => origin === null || URL.canParse(origin) ? undefined : 'has an impossible address or port'
  },
  {
    key: 'upstream.caFile',
    reads: ['upstream.caFile'],
    fault: ({ upstream: { caFile } }) => caFile === null ? undefined : certificateFault(caFile)
  },
  {
    key: 'admin.url',
    reads: ['admin.url'],
    fault: ({ admin: { url } }) => url === null || URL.canParse(url) ? undefined : 'has an impossible address or port'
  },
  {
    key: 'deferral.keyFile',
    reads: ['deferral.key', 'deferral.keyFile'],
    fault: ({ deferral: { key, keyFile } }) => {
      if (keyFile === null) return undefined
      return key === null ? keyFileFault(keyFile) : 'must not be set beside deferral.key (GOVERNOR_DEFERRAL_KEY): one of them has the key'
    }
  },
  atLeast('body.maxWaitingBytes', 'body.maxBytes', ({ body }) => [body.maxWaitingBytes, body.maxBytes]),
  {
    key: 'accounts.aliases',
    reads: ['accounts.aliases'],
    fault: ({ accounts: { aliases } }) => {
      const names = Object.values(aliases)
      if (new Set(names).size < names.length) return 'must give each name to one account only, or their metrics would overwrite each other'
      const reserved = RESERVED_NAMES.find((name) => names.includes(name))
      if (reserved !== undefined) return `must not use the name "${reserved}", under which requests of no named account are counted`
      return names.some((name) => SID.test(name)) ? 'must not use a name that looks like a SID: another account or key may have it' : undefined
    }
  },
  {
    key: 'pacing.rules',
    reads: ['pacing.rules'],
    fault: ({ pacing: { rules } }) => Object.entries(rules).map(([name, rule]) => paceFault(name, rule)).find((fault) => fault !== undefined)
  },
  {
    key: 'guard.caps',
    reads: ['guard.caps'],
    fault: ({ guard: { caps } }) => {
      const [name] = Object.entries(caps).find(([, { per, prefixes }]) => per?.includes('prefix') && prefixes === undefined) ?? []
      return name === undefined ? undefined : `must not count "${name}" per prefix without prefixes; per country needs none`
    }
  },
  {
    key: 'guard.switchesFile',
    reads: ['guard.switchesFile', 'state.file'],
    fault: ({ guard, state }) => guard.switchesFile !== null && guard.switchesFile === state.file ? 'must differ from state.file' : undefined
  },
  atLeast('limit.initial', 'limit.min', ({ limit }) => [limit.initial, limit.min]),
  atLeast('limit.max', 'limit.initial', ({ limit }) => [limit.max, limit.initial]),
  atLeast('deadline.maxMs', 'deadline.defaultMs', ({ deadline }) => [deadline.maxMs, deadline.defaultMs]),
  atLeast('retry.backoffMaxMs', 'retry.backoffBaseMs', ({ retry }) => [retry.backoffMaxMs, retry.backoffBaseMs])
]

function paceFault (name: string, { perSecond, burst, starts, intervalMs, windows, defer }: Settings['pacing']['rules'][string]): string | undefined {
  if (defer === true && windows === undefined) return `must give the rule "${name}" windows if it is to defer`
  const zone = windows?.find(({ timeZone }) => !isTimeZone(timeZone))?.timeZone
  if (zone !== undefined) return `must give the rule "${name}" a time zone of the IANA database, such as Europe/Berlin; found "${zone}"`
  if (perSecond !== undefined && (starts !== undefined || intervalMs !== undefined)) return `must give the rule "${name}" either perSecond, or starts and intervalMs`
  if ((starts === undefined) !== (intervalMs === undefined)) return `must give the rule "${name}" both starts and intervalMs`
  if (perSecond === undefined && starts === undefined && windows === undefined) return `must give the rule "${name}" a pace (perSecond, or starts and intervalMs) or windows`
  if (burst === undefined) return undefined
  if (perSecond === undefined) return `must give the rule "${name}" a burst only beside perSecond`
  return burst < perSecond ? `must give the rule "${name}" a burst of at least its perSecond (${perSecond}); found the number ${burst}` : undefined
}

function isTimeZone (name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

const BEGIN = '-----BEGIN CERTIFICATE-----'

function certificateFault (file: string): string | undefined {
  const { text, fault } = readText(file)
  if (text === undefined) return fault
  const certificates = text.split(BEGIN).slice(1)
  if (certificates.length === 0) return 'holds no certificate in PEM form'
  const broken = certificates.findIndex((rest) => !isCertificate(BEGIN + rest))
  return broken < 0 ? undefined : `holds a certificate that is damaged: number ${broken + 1} of ${certificates.length}`
}

const KEY = new RegExp(deferral.properties.key.pattern)

function keyFileFault (file: string): string | undefined {
  const { text, fault } = readText(file)
  if (text === undefined) return fault
  const lines = text.split('\n').map((line) => line.trim()).filter((line) => line !== '')
  if (lines.length === 0) return 'holds no key'
  const broken = lines.findIndex((line) => !KEY.test(line))
  return broken < 0 ? undefined : `holds a line that is not 32 bytes in hexadecimal or base64: number ${broken + 1} of ${lines.length}`
}

function readText (file: string): { readonly text: string, readonly fault?: undefined } | { readonly text?: undefined, readonly fault: string } {
  try {
    return { text: readFileSync(file, 'latin1') }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
    return { fault: `cannot be read${code}` }
  }
}

function isCertificate (pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}

/** Disagreements among the keys that are sound by themselves. `faulty` tells of a key that is not. */
export function crossCheck (settings: unknown, faulty: (key: string) => boolean): readonly LocatedFault[] {
  return CHECKS.filter(({ reads }) => !reads.some(faulty)).flatMap(({ key, fault }) => {
    // Sound as far as this check reads it.
    const message = fault(settings as Settings)
    return message === undefined ? [] : [{ steps: key.split('.'), path: key, message }]
  })
}
