/**
 * The programmatic entry: a proxy within this process, such as for the tests of an application. Its types: index.d.ts.
 */
import { readFileSync } from 'node:fs'
import { createApp } from './app.ts'
import { loadSettings } from './config/load.ts'
import { createLogger } from './telemetry/log/logger.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

interface GovernorOptions {
  readonly config?: string
  readonly env?: Readonly<Record<string, string | undefined>>
}

interface Governor {
  readonly proxy: string
  readonly admin: string
  readonly drain: () => Promise<void>
  readonly close: () => Promise<void>
}

export async function startGovernor ({ config, env = process.env }: GovernorOptions = {}): Promise<Governor> {
  const settings = loadSettings({ ...config === undefined ? {} : { file: config }, env, cwd: process.cwd() })
  const app = await createApp(settings, { logger: createLogger({ level: settings.log.level }), version, env })
  try {
    return { ...await app.listen(), drain: app.drain, close: app.close }
  } catch (error) {
    await app.close()
    throw error
  }
}
