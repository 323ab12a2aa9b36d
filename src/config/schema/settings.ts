import type { Static } from 'typebox'
import { accounts } from './accounts.ts'
import { limit } from './limit.ts'
import { admin, listen } from './listen.ts'
import { log, shutdown } from './process.ts'
import { deadline, queue } from './queue.ts'
import { retry } from './retry.ts'
import { section } from './section.ts'
import { body, upstream } from './upstream.ts'

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T

export const settingsSchema = section('Settings of twilio-governor. Every key has a default.', {
  listen, admin, upstream, body, accounts, limit, queue, deadline, retry, log, shutdown
})

/** All settings with their defaults filled in, frozen to the last leaf. */
export type Settings = DeepReadonly<Static<typeof settingsSchema>>
