/** The demo's words and numbers, in lines that fit a terminal of 80 columns. */

/** What a burst that went straight to Twilio came to. */
export interface DirectFigures {
  /** Calls made, and those that Twilio accepted. */
  readonly calls: number
  readonly delivered: number
  readonly seen429: number
  readonly elapsedMs: number
}

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

const LINE_WIDTH = 79
const BAR_WIDTH = 20

export function progressLine (figures: Figures): string {
  const numbers = ` ${seconds(figures.elapsedMs).padStart(6)}  sent ${String(figures.sent).padStart(5)}  ` +
    `limit ${String(figures.limitFound).padStart(4)}  429s: ${String(figures.given429).padStart(3)} given, ${figures.seen429} seen`
  const width = Math.max(0, Math.min(BAR_WIDTH, LINE_WIDTH - numbers.length - 2))
  const filled = Math.round(width * figures.sent / figures.messages)
  return `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}]${numbers}`
}

export interface Stage {
  readonly simulator: string
  readonly proxy: string
  readonly admin: string
  readonly limit: number
  readonly concurrency: number
}

export function heading ({ simulator, proxy, admin, limit, concurrency }: Stage): string {
  return `simulated Twilio  ${simulator}  (hidden limit: ${limit} requests at once)\n` +
    `proxy             ${proxy}  (admin: ${admin})\n` +
    `application       the Twilio SDK, ${concurrency} calls at once\n`
}

export function directSummary ({ calls, delivered, seen429, elapsedMs }: DirectFigures): string {
  return rows([
    ['messages delivered', `${delivered} of ${calls} in ${seconds(elapsedMs)}`],
    ['429s the app saw', String(seen429)]
  ])
}

export function summary (figures: Figures): string {
  const perSecond = 1000 * figures.created / figures.elapsedMs
  return rows([
    ['messages delivered', `${figures.sent} of ${figures.messages}, ${Math.round(perSecond)} a second`],
    ['accepted by Twilio', `${figures.created}; sent twice: ${figures.duplicates}`],
    [
      '429s Twilio gave',
      `${figures.given429} (${(100 * figures.given429 / Math.max(1, figures.given429 + figures.created)).toFixed(2)} % of all attempts)`
    ],
    ['429s the app saw', String(figures.seen429)],
    ['limit found', limitText(figures)],
    [
      'time',
      `${seconds(figures.elapsedMs)}; ideal, knowing the limit: ${seconds(figures.idealMs)} (${Math.round(100 * figures.idealMs / figures.elapsedMs)} %)`
    ]
  ])
}

/** Without a 429 the hidden limit stays unknown: the proxy's own shows only how far it had climbed. */
function limitText ({ given429, limit, limitFound }: Figures): string {
  if (given429 === 0) return 'not explored: this load never met the hidden limit'
  return `${limitFound} in flight, the wire included (hidden: ${limit})`
}

const rows = (all: ReadonlyArray<readonly [name: string, value: string]>): string =>
  all.map(([name, value]) => `  ${name.padEnd(22)}${value}\n`).join('')

function seconds (milliseconds: number): string { return `${(milliseconds / 1000).toFixed(1)} s` }
