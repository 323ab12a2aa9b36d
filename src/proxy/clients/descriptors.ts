/** How many connections fit into the descriptors that the system gives this process. */
import { readFileSync } from 'node:fs'

/** Where the system does not say. */
const LIMIT_ELSEWHERE = 10_240
/** Files, timers and what Node itself has open. */
const OWN = 48
const CLIENTS_MOST = 16_384
const ADMIN_MOST = 64

export interface DescriptorShares {
  /** Connections of clients: for each there is room for one to Twilio. */
  readonly clients: number
  /** Connections to the admin server: these are free whatever comes in elsewhere. */
  readonly admin: number
}

/** The soft limit, which Node has raised to the hard one at its start. */
export function descriptorLimit (): number {
  try {
    const [, limit = ''] = /^Max open files +(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return limit === 'unlimited' ? Infinity : Number(limit) || LIMIT_ELSEWHERE
  } catch {
    return LIMIT_ELSEWHERE
  }
}

export function descriptorShares (limit: number): DescriptorShares {
  const admin = Math.max(4, Math.min(ADMIN_MOST, Math.floor(limit / 16)))
  return { admin, clients: Math.max(8, Math.min(CLIENTS_MOST, Math.floor((limit - OWN - admin) / 2))) }
}
