/**
 * Connection overrides: how long and how often Twilio tries to reach a callback, written behind `#` in its URL.
 * https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
 */
export interface CallbackOverrides {
  /** `ct`: for the connection, 100 to 10,000 ms; null leaves Twilio's 5,000. */
  readonly connectTimeoutMs: number | null
  /** `rt`: for the first byte of the answer, 100 to 15,000 ms; null leaves Twilio's 15,000. */
  readonly readTimeoutMs: number | null
  /** `tt`: for all tries together, 100 to 15,000 ms; null leaves Twilio's 15,000. */
  readonly totalTimeMs: number | null
  /** `rc`: 0 to 5 tries more; null leaves Twilio's one. */
  readonly retries: number | null
  /** `rp`: after what it is tried again; none leaves Twilio's `ct`. */
  readonly retryOn: ReadonlyArray<'4xx' | '5xx' | 'ct' | 'rt' | 'all'>
}

/** What stands behind the `#`; undefined where nothing is overridden. */
export function overrideFragment (
  { connectTimeoutMs, readTimeoutMs, totalTimeMs, retries, retryOn }: CallbackOverrides
): string | undefined {
  const parts = Object.entries({
    ct: connectTimeoutMs,
    rt: readTimeoutMs,
    tt: totalTimeMs,
    rc: retries,
    rp: retryOn.length === 0 ? null : retryOn.join(',')
  })
    .flatMap(([name, value]) => value === null ? [] : [`${name}=${value}`])
  return parts.length === 0 ? undefined : parts.join('&')
}

/**
 * `StatusCallback`, `RecordingStatusCallback`, `CallbackUrl` and the like; not `StatusCallbackEvent` or
 * `StatusCallbackMethod`. Twilio takes overrides on `Url`, `VoiceUrl`, `SmsUrl` and the like, too. They are left alone:
 * a call or message waits for what they answer, so another try there is silence on the line, and a shorter wait another
 * answer.
 */
const CALLBACK = /callback(?:url)?$/i
const URL_VALUE = /^https?(?:%3a|:)/i
const HAS_FRAGMENT = /#|%23/

/**
 * A form with the fragment added to each callback URL that has none. No other byte changes. Undefined where there is
 * nothing to add.
 */
export function withOverrides (form: string, fragment: string): string | undefined {
  const pairs = form.split('&')
  const changed = pairs.map((pair) => isOpen(pair) ? `${pair}%23${encodeURIComponent(fragment)}` : pair)
  return changed.every((pair, i) => pair === pairs[i]) ? undefined : changed.join('&')
}

/** Is it a callback URL without a fragment? */
function isOpen (pair: string): boolean {
  const mark = pair.indexOf('=')
  const value = pair.slice(mark + 1)
  return mark > 0 && CALLBACK.test(pair.slice(0, mark)) && URL_VALUE.test(value) && !HAS_FRAGMENT.test(value)
}
