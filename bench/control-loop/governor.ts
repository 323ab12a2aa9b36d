/** The proxy with a limit that its settings cannot name. GOVERNOR_BENCH_LIMIT is `{"name": "…", "told": […], "number": 0}`. */
import { createApp } from '../../src/app.ts'
import { loadSettings } from '../../src/config/load.ts'
import { announce, createLogger } from '../../src/telemetry/log/logger.ts'
import { createNamed, type Told } from './limits.ts'

const { name, told, number } = JSON.parse(process.env['GOVERNOR_BENCH_LIMIT'] ?? '') as { readonly name: string, readonly told: Told, readonly number: number }
const settings = loadSettings({ env: process.env, cwd: process.cwd() })
const logger = createLogger({ level: settings.log.level })
const app = await createApp(settings, { logger, version: 'bench', createLimit: () => createNamed(name, told, number) })
await announce(logger, await app.listen())
