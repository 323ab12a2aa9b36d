/** What no schema can say: how keys must agree with each other, and that files are there. */
import { accessChecks } from './access-checks.ts'
import { aliasChecks } from './alias-checks.ts'
import { capChecks } from './cap-checks.ts'
import { checksOf, type Check, type KeyCheck } from './check.ts'
import { certificateFault, keyFileFault } from './file-checks.ts'
import { pacingChecks } from './pacing-checks.ts'
import type { Settings } from '../schema/settings.ts'
import { networkChecks } from './network-checks.ts'
import { productChecks } from './product-checks.ts'
import { pathOf, type LocatedFault } from '../validate.ts'

const atLeast = (key: string, least: string, read: (
  settings: Settings
) => readonly [number, number]): KeyCheck<Settings> => ({
  key,
  reads: [key, least],
  fault: (settings) => {
    const [value, bound] = read(settings)
    return value >= bound ? undefined : `must be at least ${least} (${bound}); found the number ${value}`
  }
})

const CHECKS: ReadonlyArray<KeyCheck<Settings>> = [
  {
    key: 'admin.port',
    reads: ['listen.host', 'listen.port', 'admin.host', 'admin.port'],
    fault: ({ listen, admin }) => admin.port !== 0 && admin.port === listen.port && admin.host === listen.host
      ? `must differ from listen.port (${listen.port}), because both have the same host`
      : undefined
  },
  {
    key: 'upstream.origin',
    reads: ['upstream.origin'],
    fault: ({ upstream: { origin } }) =>
      origin === null || URL.canParse(origin) ? undefined : 'has an impossible address or port'
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
      return key === null
        ? keyFileFault(keyFile)
        : 'must not be set beside deferral.key (GOVERNOR_DEFERRAL_KEY): set only one of them'
    }
  },
  atLeast('body.maxWaitingBytes', 'body.maxBytes', ({ body }) => [body.maxWaitingBytes, body.maxBytes]),
  {
    key: 'guard.switchesFile',
    reads: ['guard.switchesFile', 'state.file'],
    fault: ({ guard, state }) =>
      guard.switchesFile !== null && guard.switchesFile === state.file ? 'must differ from state.file' : undefined
  },
  {
    key: 'upstream.maxConnectionsPerHost',
    reads: ['upstream.maxConnectionsPerHost', 'limit.algorithm', 'limit.fixed', 'limit.min'],
    fault: ({ upstream: { maxConnectionsPerHost: most }, limit }) => {
      const [key, wanted] = limit.algorithm === 'fixed' ? ['fixed', limit.fixed] : ['min', limit.min]
      return most >= wanted
        ? undefined
        : `must be at least limit.${key} (${wanted}), or requests wait for a connection; found the number ${most}`
    }
  },
  atLeast('limit.initial', 'limit.min', ({ limit }) => [limit.initial, limit.min]),
  atLeast('limit.max', 'limit.initial', ({ limit }) => [limit.max, limit.initial]),
  atLeast('deadline.maxMs', 'deadline.defaultMs', ({ deadline }) => [deadline.maxMs, deadline.defaultMs]),
  atLeast('retry.backoffMaxMs', 'retry.backoffBaseMs', ({ retry }) => [retry.backoffMaxMs, retry.backoffBaseMs])
]

/**
 * Disagreements among keys that are sound by themselves. `faulty` says whether a key, given by the way to it, is not.
 */
export function crossCheck (settings: unknown, faulty: (steps: readonly string[]) => boolean): readonly LocatedFault[] {
  const root = { steps: [], value: settings }
  const checks: readonly Check[] = [
    ...checksOf(root, CHECKS),
    ...accessChecks(root),
    ...aliasChecks(root),
    ...pacingChecks(root),
    ...capChecks(root),
    ...productChecks(root),
    ...networkChecks(root)
  ]
  return checks.filter(({ reads }) => !reads.some(faulty)).flatMap(({ steps, fault }) => {
    const message = fault()
    return message === undefined ? [] : [{ steps, path: pathOf(steps), message }]
  })
}
