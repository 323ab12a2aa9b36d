/**
 * Writes what follows from the code: the example of the settings and their schema, and the tables of
 * docs/configuration.md and docs/metrics.md. `npm run docs` builds first, and then runs this.
 */
import { readFileSync, writeFileSync } from 'node:fs'

const root = new URL('../', import.meta.url)
const built = (path) => import(new URL(`dist/${path}`, root).href)
const read = (path) => readFileSync(new URL(path, root), 'utf8')

const { generatedFiles } = await built('config/docs/generated.js')
const { withMetricTable } = await built('telemetry/metrics/metric-table.js')

for (const { path, text } of generatedFiles(read('docs/configuration.md'))) writeFileSync(new URL(path, root), text)
writeFileSync(new URL('docs/metrics.md', root), withMetricTable(read('docs/metrics.md')))
