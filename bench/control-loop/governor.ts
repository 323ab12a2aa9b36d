/** The proxy with a limit that its settings cannot name. GOVERNOR_LIMIT_UNDER_TEST is `{"name": "…", "told": […]}`. */
import { createApp } from '../../src/app.ts'
import { loadSettings } from '../../src/config/load.ts'
import { announce, createLogger } from '../../src/telemetry/logger.ts'
import { limits, type Told } from './limits.ts'

const { name, told } = JSON.parse(process.env['GOVERNOR_LIMIT_UNDER_TEST'] ?? '{}') as { readonly name: string, readonly told: Told }
const create = limits[name]
if (create === undefined) throw new Error(`there is no limit ${name}`)
const settings = loadSettings({ env: process.env, cwd: process.cwd() })
const logger = createLogger({ level: settings.log.level })
const app = await createApp(settings, { logger, version: 'bench', createLimit: () => create(told) })
await announce(logger, await app.listen())
