/**
 * Lets Node run TypeScript. Node 24 strips types by itself. For Node 20 this does the same, and keeps the result in a
 * cache: a compiler in each test's process took four seconds of CPU a file, nine tenths of the whole run.
 */
import { register } from 'node:module'

export const STRIPS_TYPES = process.features.typescript !== undefined && process.features.typescript !== false

if (!STRIPS_TYPES) register('./typescript-hooks.mjs', import.meta.url)
