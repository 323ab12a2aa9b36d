import { access } from './sections/access.ts'
import { accounts } from './sections/accounts.ts'
import { callbacks } from './sections/callbacks.ts'
import { coalesce } from './sections/coalesce.ts'
import { deferral } from './sections/deferral.ts'
import { guard } from './sections/guard.ts'
import { interception } from './sections/interception.ts'
import { limit } from './sections/limit.ts'
import { admin, listen } from './sections/listen.ts'
import type { ValueOf } from './node.ts'
import { pacing } from './sections/pacing.ts'
import { log, shutdown } from './sections/process.ts'
import { deadline, queue } from './sections/queue.ts'
import { duplicates, retry } from './sections/retry.ts'
import { section } from './section.ts'
import { state } from './sections/state.ts'
import { body, upstream } from './sections/upstream.ts'

export const settingsSchema = section('Settings of twilio-governor. Every key has a default.', {
  listen,
  admin,
  interception,
  upstream,
  body,
  accounts,
  limit,
  queue,
  deadline,
  retry,
  duplicates,
  guard,
  coalesce,
  pacing,
  deferral,
  callbacks,
  access,
  state,
  log,
  shutdown
})

/** All settings with their defaults filled in, frozen to the last leaf. */
export type Settings = ValueOf<typeof settingsSchema>
