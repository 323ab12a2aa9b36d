import { accounts } from './accounts.ts'
import { callbacks } from './callbacks.ts'
import { coalesce } from './coalesce.ts'
import { deferral } from './deferral.ts'
import { guard } from './guard.ts'
import { interception } from './interception.ts'
import { limit } from './limit.ts'
import { admin, listen } from './listen.ts'
import type { ValueOf } from './node.ts'
import { pacing } from './pacing.ts'
import { log, shutdown } from './process.ts'
import { deadline, queue } from './queue.ts'
import { duplicates, retry } from './retry.ts'
import { section } from './section.ts'
import { state } from './state.ts'
import { body, upstream } from './upstream.ts'

export const settingsSchema = section('Settings of twilio-governor. Every key has a default.', {
  listen, admin, interception, upstream, body, accounts, limit, queue, deadline, retry, duplicates, guard, coalesce, pacing, deferral, callbacks, state, log, shutdown
})

/** All settings with their defaults filled in, frozen to the last leaf. */
export type Settings = ValueOf<typeof settingsSchema>
