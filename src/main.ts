#!/usr/bin/env node
/** The command line: one program, and the commands that it has. */
import { Command } from 'commander'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { addCa } from './commands/ca.ts'
import { addCheck } from './commands/check.ts'
import { addDemo } from './commands/demo.ts'
import { addDoctor } from './commands/doctor.ts'
import { addEnv } from './commands/env.ts'
import { addPlan } from './commands/plan.ts'
import { addRun } from './commands/run.ts'
import { addSimulate } from './commands/simulate.ts'
import { addStart } from './commands/start.ts'
import { addToken } from './commands/token.ts'
import { cleaned } from './config/environment.ts'
import { withoutSecrets } from './config/shown.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

// What a file of variables from Windows leaves at the end of a line is no part of a value.
Object.assign(process.env, cleaned(process.env))

const program = new Command('twilio-governor')
  .description(
    'A local proxy between your applications and the Twilio REST API: ' +
    'adaptive concurrency, 429s retried for you, fair queues, metrics.'
  )
  .version(version)
  .showHelpAfterError()
  // Its sentences repeat what was given, which may be a token in the wrong place.
  .configureOutput({ outputError: (text, write) => { write(withoutSecrets(text)) } })
  .enablePositionalOptions()

// The help lists them in this order.
addStart(program, version)
addCheck(program)
addSimulate(program)
addCa(program)
addRun(program, fileURLToPath(import.meta.url))
addEnv(program)
addToken(program)
addDoctor(program)
addPlan(program)
addDemo(program, version)

await program.parseAsync()
