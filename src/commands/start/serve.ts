/** Runs the proxy until a signal or an unexpected error ends the process. */
import closeWithGrace from 'close-with-grace'
import { createApp, upstreamOf, type App } from '../../app.ts'
import { findConfigFile, type ConfigSource } from '../../config/file.ts'
import type { Settings } from '../../config/schema/settings.ts'
import { announce, createLogger, flushLogger, type Addresses } from '../../telemetry/log/logger.ts'
import { fail } from '../failure.ts'
import { concerns } from '../settings.ts'

export async function serve (settings: Settings, source: ConfigSource, version: string): Promise<void> {
  const settingsFile = findConfigFile(source)?.name
  const logger = createLogger({ level: settings.log.level })
  // Under nohup it would be ignored, but Node undoes that.
  process.on('SIGHUP', () => {
    logger.info('SIGHUP is ignored: the proxy reads settings only at the start, and SIGTERM ends it')
  })
  let app: App | undefined
  let addresses: Addresses
  try {
    app = await createApp(settings, { logger, version, settingsFile, env: process.env })
    addresses = await app.listen()
  } catch (error) {
    await app?.close()
    fail(error)
    return
  }
  const { drain, state } = app
  // To standard error, which is written at once: the log's own writes may still be under way when the process ends.
  const cutShort = (reason: Record<string, unknown>): void => {
    console.error(JSON.stringify({ level: 'error', ...reason, open: openRequests(state), msg: 'cut short' }))
  }
  // Before the line that others wait for: they may stop us as soon as they have read it.
  closeWithGrace({
    delay: settings.shutdown.graceMs + 5_000,
    logger: false,
    skip: ['SIGHUP'],
    // After each of these the process ends at once, with exit code 1.
    onSecondSignal: (signal) => cutShort({ signal }),
    onSecondError: (error) => cutShort(describe(error)),
    onTimeout: (delayMs) => cutShort({ delayMs })
  }, async ({ err, signal }) => {
    if (err === undefined) logger.info({ signal }, 'draining')
    else logger.fatal(describe(err), 'unexpected error')
    await drain()
    logger.info('stopped')
    await flushLogger(logger)
  })
  await announce(logger, addresses, {
    version, settingsFile: settingsFile ?? null, mode: settings.limit.mode, upstream: upstreamOf(settings)
  })
  for (const { setting, advice } of concerns(settings, source)) logger.warn({ setting, advice }, 'exposed')
}

/** An error and where it came from, without its message, which may repeat what a client sent. */
function describe (error: unknown): { error: string, stack?: string | undefined } {
  if (!(error instanceof Error)) return { error: typeof error }
  return { error: error.name, stack: error.stack?.split('\n').filter((line) => line.startsWith('    at ')).join('\n') }
}

/** Requests that wait, are at Twilio, or pause before they go there again. */
function openRequests (state: App['state']): number {
  return state.accounts().reduce((sum, { inflight, held }) => sum + inflight + held, state.waitingRequests())
}
