import type { Recorded } from '../../../src/commands/plan/recording/recorded.ts'

export const SID = 'AC00000000000000000000000000000001'
export const T0 = Date.UTC(2026, 0, 1)

/** A message that Twilio took at once, sent so many milliseconds after the start. */
export const recorded = (afterMs: number, over: Partial<Recorded> = {}): Recorded => ({
  arrivalMs: T0 + afterMs,
  totalMs: 100,
  account: SID,
  product: 'api',
  route: 'POST api/2010-04-01/Accounts/{}/Messages.json',
  class: 'standard',
  caller: 'campaigns',
  method: 'POST',
  status: 201,
  attempts: 1,
  throttled: 0,
  queueMs: 0,
  paceMs: 0,
  backoffMs: 0,
  upstreamMs: 100,
  twilioMs: undefined,
  reason: 'answered',
  errorCode: undefined,
  resource: undefined,
  allowedMs: 25_000,
  isOld: false,
  ...over
})

/** A fetch of one message; equal names, equal fetches. */
export const read = (afterMs: number, resource: string | undefined, over: Partial<Recorded> = {}): Recorded => recorded(afterMs, {
  route: 'GET api/2010-04-01/Accounts/{}/Messages/{}.json', class: 'read', caller: 'dashboard', method: 'GET', status: 200, resource, ...over
})

/** As the log writes it. */
export function lineOf ({ arrivalMs, totalMs, isOld, ...rest }: Recorded, over: Record<string, unknown> = {}): string {
  return JSON.stringify({ level: 'info', time: new Date(arrivalMs + totalMs).toISOString(), totalMs, ...rest, msg: 'exchange', ...over })
}
