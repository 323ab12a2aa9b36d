#!/usr/bin/env node
/** Starts the compiled program, or says in one sentence why it cannot. Written so that any Node with modules can read it. */
import { existsSync } from 'node:fs'

const [major, minor] = process.versions.node.split('.').map(Number)
const main = new URL('../dist/main.js', import.meta.url)

if (major < 20 || (major === 20 && minor < 19)) fail(`twilio-governor needs Node 20.19 or later; this is ${process.version}.`)
else if (!existsSync(main)) {
  fail('twilio-governor is not built: it was installed from its sources without its build. ' +
    'Install it again without --ignore-scripts, or in a checkout run "npm ci && npm run build".')
} else await import(main.href)

function fail (sentence) {
  console.error(sentence)
  process.exitCode = 1
}
