/**
 * The main job, shown: a burst from the real Twilio SDK against the simulator, first without the proxy, then with it.
 */
import { createApp } from '../../app.ts'
import { loadSettings } from '../../config/load.ts'
import { createScenario } from '../../simulator/model/scenario.ts'
import { startSimulator, type Simulator } from '../../simulator/server.ts'
import { createLogger } from '../../telemetry/log/logger.ts'
import { directSummary, heading, progressLine, summary, type DirectFigures, type Figures } from './report.ts'
import { loadSdk, sendBurst, type Sdk } from './sender.ts'

export interface DemoOptions {
  readonly messages: number
  /** Calls that the application has open at once. */
  readonly concurrency: number
  /** The ceiling of the simulated account, which it hides. */
  readonly limit: number
  readonly version: string
  readonly print: (text: string) => void
  /** Progress overwrites its line on a terminal, and is a line every two seconds elsewhere. */
  readonly terminal: boolean
}

/** Milliseconds each way between proxy and simulated Twilio, and how long Twilio works on a message. */
const WIRE_DELAY_MS = 10
const LATENCY = { medianMs: 110, p99Ms: 400 }
/** The burst without the proxy ends after so many calls or milliseconds: long enough to see what is lost. */
const DIRECT_MESSAGES = 2_000
const DIRECT_MS = 3_000
const TERMINAL_EVERY_MS = 200
const PLAIN_EVERY_MS = 2_000
/** To the start of the line, and clear it. */
const OVERWRITE = '\r\x1b[K'

/**
 * Resolves with the exit code: 0 when, with the proxy, every message was sent once and no 429 reached the application.
 */
export async function runDemo (options: DemoOptions): Promise<number> {
  const { print, messages, concurrency, limit } = options
  const twilio = await loadSdk()
  if (twilio === undefined) {
    print('The demo needs the Twilio SDK, which is not installed. Install it with: npm install twilio\n')
    return 1
  }
  const simulator = await startSimulator(
    { scenario: createScenario({ limit, wireDelayMs: WIRE_DELAY_MS, latency: LATENCY }) }
  )
  const settings = loadSettings({
    env: { GOVERNOR_PORT: '0', GOVERNOR_ADMIN_PORT: '0', GOVERNOR_UPSTREAM: simulator.origin }
  })
  const app = await createApp(settings, { logger: createLogger({ level: 'silent' }), version: options.version })
  try {
    const { proxy, admin } = await app.listen()
    print(`${heading({ simulator: simulator.origin, proxy, admin, limit, concurrency })}\n`)
    print('Without the proxy, straight to Twilio:\n')
    print(`${directSummary(await sendDirect(twilio, simulator.origin, options))}\n`)
    simulator.reset()
    print('With the proxy:\n')
    const startedAtMs = performance.now()
    const burst = sendBurst(twilio, { baseUrl: proxy, messages, concurrency })
    const figures = (): Figures => figuresOf(options, simulator, app.state.accounts()[0]?.limit ?? 0, {
      ...burst.counts, elapsedMs: performance.now() - startedAtMs
    })
    const timer = setInterval(() => {
      print(options.terminal ? `${OVERWRITE}${progressLine(figures())}` : `${progressLine(figures())}\n`)
    }, options.terminal ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS)
    await burst.done
    clearInterval(timer)
    const result = figures()
    print(`${options.terminal ? OVERWRITE : ''}${progressLine(result)}\n\n${summary(result)}`)
    return result.sent === messages && result.seen429 === 0 && result.duplicates === 0 && result.created === messages
      ? 0
      : 1
  } finally {
    await app.close()
    await simulator.close()
  }
}

async function sendDirect (sdk: Sdk, origin: string, { messages, concurrency }: DemoOptions): Promise<DirectFigures> {
  const startedAtMs = performance.now()
  const burst = sendBurst(sdk, {
    baseUrl: origin, messages: Math.min(messages, DIRECT_MESSAGES), concurrency, signal: AbortSignal.timeout(DIRECT_MS)
  })
  await burst.done
  const { sent, failed, seen429 } = burst.counts
  return { calls: sent + failed, delivered: sent, seen429, elapsedMs: performance.now() - startedAtMs }
}

function figuresOf (
  { messages, concurrency, limit }: DemoOptions, simulator: Simulator, limitFound: number,
  app: { sent: number, failed: number, seen429: number, elapsedMs: number }
): Figures {
  const stats = simulator.stats()
  const idealPerSecond = stats.meanServiceMs > 0 ? 1000 * Math.min(limit, concurrency) / stats.meanServiceMs : 0
  return {
    ...app,
    messages,
    limit,
    limitFound,
    given429: stats.throttled.total,
    created: stats.creates.total,
    duplicates: stats.duplicates,
    idealMs: idealPerSecond > 0 ? 1000 * messages / idealPerSecond : 0
  }
}
