/** What the doctor has found out, before it judges anything. */
import type { Sdk } from './finding.ts'

/** What answers at a proxy's address. */
export type Answers = 'governor' | 'other' | 'nothing'

/**
 * Would a client that believes the certificates of a file believe the proxy? `trusted`: it does. `unknown_issuer`: the
 * authority is not among them. `expired`: the proxy's certificate or authority is. `unreadable`: there is no such file,
 * or no certificate in it. `undetermined`: nothing to compare with, or a kind of file that cannot be read here.
 */
export type Trust = 'trusted' | 'unknown_issuer' | 'expired' | 'unreadable' | 'undetermined'

export interface Probe {
  readonly answers: Answers
  /** Does it answer CONNECT to api.twilio.com? False also where that was not tried. */
  readonly tunnels: boolean
  /** By file. */
  readonly trust: ReadonlyMap<string, Trust>
}

export interface Authority {
  readonly folder: string
  /** `known`: its certificate is what clients have to trust. `another`: the proxy shows certificates of another one. */
  readonly state: 'known' | 'another' | 'missing'
  /** That certificate and the system's are in one file there, as `twilio-governor env` makes it. */
  readonly bundled: boolean
}

export interface Facts {
  /** Origin of the proxy that is meant, such as `http://127.0.0.1:8080`. */
  readonly proxy: string
  /** By origin: of every proxy that the environment names, of the one that is meant, and of the base URL. */
  readonly probes: ReadonlyMap<string, Probe>
  readonly authority: Authority
  /** Where this system keeps the authorities that it trusts. */
  readonly systemFile: string
  /** As far as they are cheap to know. */
  readonly versions: Readonly<Partial<Record<Sdk, string>>>
  /** What the application has as its base URL; undefined where it comes through tunnels. */
  readonly baseUrl: string | undefined
  /** Requests that clients sent again soon after an error, as the proxy counts them. */
  readonly stacked: Readonly<Partial<Record<Sdk, number>>>
}

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i

export type ProxyAddress =
  | { readonly kind: 'http', readonly origin: string }
  /** A proxy, and not one that speaks plain HTTP. */
  | { readonly kind: 'scheme', readonly scheme: string }
  | { readonly kind: 'bare', readonly origin: string }
  | { readonly kind: 'unreadable' }

/** Reads the value of a proxy variable; what it holds of credentials stays behind. */
export function proxyAddress (value: string): ProxyAddress {
  const scheme = SCHEME.exec(value)?.[1]?.toLowerCase()
  if (scheme !== undefined && scheme !== 'http') return { kind: 'scheme', scheme }
  try {
    const { host, username, password } = new URL(scheme === undefined ? `http://${value}` : value)
    // A password with a slash in it would be taken for the end of the host, and be shown.
    if (value.includes('@') && username === '' && password === '') return { kind: 'unreadable' }
    return { kind: scheme === undefined ? 'bare' : 'http', origin: `http://${host}` }
  } catch {
    return { kind: 'unreadable' }
  }
}
