/** Twilio's own clients, as their User-Agent names them. */
export const SDKS = ['node', 'twilio-cli', 'python', 'java', 'go', 'php', 'ruby', 'csharp'] as const
/** `other`: no client of Twilio's. */
export type Sdk = (typeof SDKS)[number] | 'other'

/** How long each waits for an answer unless its user says otherwise, milliseconds. */
const TIMEOUT_MS: Readonly<Record<(typeof SDKS)[number], number>> = {
  go: 10_000,
  node: 30_000,
  'twilio-cli': 30_000,
  java: 30_000,
  php: 60_000,
  ruby: 60_000,
  csharp: 100_000,
  // It waits for ever. The minute is ours.
  python: 60_000
}

const BY_PRODUCT: ReadonlyMap<string, (typeof SDKS)[number]> = new Map(
  SDKS.map((name) => [name === 'twilio-cli' ? name : `twilio-${name}`, name])
)

/** A plugin of the CLI puts its own name first. */
const CLI_CORE = '@twilio/cli-core/'

/** The SDK that sent this User-Agent. */
export function sdkOf (userAgent: string | undefined): Sdk {
  if (userAgent === undefined) return 'other'
  if (userAgent.startsWith('twilio-')) {
    const slash = userAgent.indexOf('/')
    return (slash === -1 ? undefined : BY_PRODUCT.get(userAgent.slice(0, slash))) ?? 'other'
  }
  return userAgent.includes(CLI_CORE) ? 'twilio-cli' : 'other'
}

/** The timeout of the SDK that sent this User-Agent, milliseconds; undefined for any other client. */
export function sdkTimeoutMs (userAgent: string | undefined): number | undefined {
  const sdk = sdkOf(userAgent)
  return sdk === 'other' ? undefined : TIMEOUT_MS[sdk]
}
