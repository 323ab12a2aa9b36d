/** Callers and credentials as the settings have them. */
import type { Broker, Callers } from '../proxy/ports/access.ts'
import { inRegion } from '../proxy/gate/accounts.ts'
import type { Product } from '../twilio/types.ts'
import { canonicalName } from '../twilio/paths/principal.ts'
import { CredentialBroker, type BrokerContext } from './broker.ts'
import { TokenCallers, type CallerOptions } from './callers.ts'

export interface CredentialSettings {
  readonly account: string
  readonly region?: string
  readonly products?: readonly Product[]
  readonly type?: 'basic' | 'oauth'
  readonly user?: string
  readonly file?: string
  readonly variable?: string
}

export interface AccessSettings {
  readonly tokensFile: string | null
  readonly required: boolean
  readonly callers: CallerOptions['named']
  readonly credentials: Readonly<Record<string, CredentialSettings>>
}

export interface Access {
  readonly broker: Broker | undefined
  readonly callers: Callers | undefined
  /** Reads tokens and secrets, and follows their files from then on. */
  readonly open: () => Promise<void>
  readonly close: () => void
}

export function createAccess (
  { tokensFile, required, callers: named, credentials }: AccessSettings,
  context: BrokerContext
): Access {
  const broker = Object.keys(credentials).length === 0
    ? undefined
    : new CredentialBroker(
      Object.entries(credentials).map(([name, { account, region, products, type = 'basic', user, file, variable }]) =>
        ({ name, account: inRegion(canonicalName(account), region), products, type, user, file, variable })),
      context
    )
  const callers = tokensFile === null
    ? undefined
    : new TokenCallers(
      { tokensFile, required, named },
      { clock: context.clock, warn: (fault) => { context.warn(tokensFile, fault) } }
    )
  return {
    broker,
    callers,
    open: async () => { await Promise.all([broker?.open(), callers?.open()]) },
    close: () => {
      broker?.close()
      callers?.close()
    }
  }
}
