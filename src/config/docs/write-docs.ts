/** Writes what follows from the schema: `npm run build && node dist/config/docs/write-docs.js`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { generatedFiles } from './generated.ts'

// src/config/docs and dist/config/docs lie equally deep.
const root = new URL('../../../', import.meta.url)

const page = readFileSync(new URL('docs/configuration.md', root), 'utf8')
for (const { path, text } of generatedFiles(page)) writeFileSync(new URL(path, root), text)
