/** What no schema can say: how keys must agree with each other, and that files are there. */
import { readFileSync } from 'node:fs'
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
    fault: ({ upstream: { caFile } }) => caFile === null ? undefined : unreadable(caFile)
  },
  atLeast('body.maxWaitingBytes', 'body.maxBytes', ({ body }) => [body.maxWaitingBytes, body.maxBytes]),
  {
    key: 'accounts.aliases',
    reads: ['accounts.aliases'],
    fault: ({ accounts: { aliases } }) => {
      const names = Object.values(aliases)
      if (new Set(names).size < names.length) return 'must give each name to one account only, or their metrics would overwrite each other'
      return names.includes('other') ? 'must not use the name "other", under which metrics count the accounts beyond accounts.maxLabels' : undefined
    }
  },
  atLeast('limit.initial', 'limit.min', ({ limit }) => [limit.initial, limit.min]),
  atLeast('limit.max', 'limit.initial', ({ limit }) => [limit.max, limit.initial]),
  atLeast('deadline.maxMs', 'deadline.defaultMs', ({ deadline }) => [deadline.maxMs, deadline.defaultMs]),
  atLeast('retry.backoffMaxMs', 'retry.backoffBaseMs', ({ retry }) => [retry.backoffMaxMs, retry.backoffBaseMs])
]

function unreadable (file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1').includes('-----BEGIN CERTIFICATE-----') ? undefined : 'holds no certificate in PEM form'
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
    return `cannot be read${code}`
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
