/**
 * Builds tap for the plugins of .taprc, once after an install. tap would do it by itself, but only for the run after
 * the first, which would load the TypeScript compiler into the process of each test file.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const builtFor = readFileSync(fileURLToPath(import.meta.resolve('@tapjs/test')), 'utf8')
if (builtFor.includes('@tapjs/typescript')) execFileSync('npx', ['tap', 'build'], { stdio: 'inherit' })
