/** The demo's words and numbers. */
export interface Figures {
  readonly messages: number
  readonly sent: number
  readonly failed: number
  /** 429s that Twilio gave, and those that the application saw. */
  readonly given429: number
  readonly seen429: number
  /** What the simulator carried out. */
  readonly created: number
  readonly duplicates: number
  /** The hidden limit, and the proxy's own. */
  readonly limit: number
  readonly limitFound: number
  readonly elapsedMs: number
  /** What an application would need that knew the limit and had no network between. */
  readonly idealMs: number
}

const BAR_WIDTH = 30

export function progressLine (figures: Figures): string {
  const share = figures.sent / figures.messages
  const filled = Math.round(BAR_WIDTH * share)
  const bar = '#'.repeat(filled) + '.'.repeat(BAR_WIDTH - filled)
  return `[${bar}] ${seconds(figures.elapsedMs).padStart(6)}  sent ${String(figures.sent).padStart(5)}  ` +
    `limit ${String(figures.limitFound).padStart(4)}  429s given ${String(figures.given429).padStart(4)}, seen by the app ${figures.seen429}`
}

export function summary (figures: Figures): string {
  const perSecond = 1000 * figures.sent / figures.elapsedMs
  const rows: Array<[string, string]> = [
    ['messages sent', `${figures.sent} of ${figures.messages}, ${Math.round(perSecond)} a second`],
    ['carried out by Twilio', `${figures.created}, of which twice: ${figures.duplicates}`],
    ['429s that Twilio gave', `${figures.given429} (${(100 * figures.given429 / Math.max(1, figures.given429 + figures.created)).toFixed(2)} % of all attempts)`],
    ['429s that the app saw', String(figures.seen429)],
    ['limit found', `${figures.limitFound} in flight (hidden: ${figures.limit} at Twilio; a request on the wire does not count there)`],
    ['time', `${seconds(figures.elapsedMs)}; ideal for whoever knows the limit: ${seconds(figures.idealMs)} (${Math.round(100 * figures.idealMs / figures.elapsedMs)} %)`]
  ]
  return rows.map(([name, value]) => `  ${name.padEnd(24)}${value}\n`).join('')
}

function seconds (milliseconds: number): string { return `${(milliseconds / 1000).toFixed(1)} s` }
