/** How long each of Twilio's SDKs waits for an answer unless its user says otherwise, milliseconds. */
const TIMEOUT_MS: ReadonlyMap<string, number> = new Map([
  ['twilio-go', 10_000],
  ['twilio-node', 30_000],
  ['twilio-cli', 30_000],
  ['twilio-java', 30_000],
  ['twilio-php', 60_000],
  ['twilio-ruby', 60_000],
  ['twilio-csharp', 100_000],
  // It waits for ever. The minute is ours.
  ['twilio-python', 60_000]
])

/** A plugin of the CLI puts its own name first. */
const CLI_CORE = '@twilio/cli-core/'

/** The timeout of the SDK that sent this User-Agent, milliseconds; undefined for any other client. */
export function sdkTimeoutMs (userAgent: string | undefined): number | undefined {
  if (userAgent === undefined) return undefined
  if (userAgent.startsWith('twilio-')) {
    const slash = userAgent.indexOf('/')
    return slash === -1 ? undefined : TIMEOUT_MS.get(userAgent.slice(0, slash))
  }
  return userAgent.includes(CLI_CORE) ? TIMEOUT_MS.get('twilio-cli') : undefined
}
