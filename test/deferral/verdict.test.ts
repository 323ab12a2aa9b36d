import t from 'tap'
import { judge, type RunEnd, type Verdict } from '../../src/deferral/verdict.ts'

const end = (status: number, over: Partial<RunEnd> = {}): RunEnd => ({ status, own: false, retryAfterMs: undefined, attempts: 1, throttled: 0, failed: 0, unsent: 0, ...over })
const FRESH = { sent: false, failures: 0 }
const again = (pauseMs: number, sent: boolean, failures = 1): Verdict => ({ state: 'queued', pauseMs, sent, failures, ran: true, told: true })
/** Refused here. */
const later = (pauseMs: number, sent: boolean, failures = 0, ran = false): Verdict => ({ state: 'queued', pauseMs, sent, failures, ran, told: false })

t.test('what a run means for its job', async (t) => {
  const cases: Array<[string, RunEnd, { sent: boolean, failures: number }, Verdict]> = [
    ['deleted', end(204), FRESH, { state: 'done', alreadyGone: false }],
    ['the last status of success, and the first of none', end(299), FRESH, { state: 'done', alreadyGone: false }],
    ['a choice of several', end(300), FRESH, { state: 'failed' }],
    ['not there, and never asked for before', end(404), FRESH, { state: 'failed' }],
    ['gone after a run that was cut off', end(404), { sent: true, failures: 0 }, { state: 'done', alreadyGone: true }],
    ['gone after an attempt that broke', end(404, { attempts: 2, failed: 1 }), FRESH, { state: 'done', alreadyGone: true }],
    ['not there after an attempt that was throttled', end(404, { attempts: 2, throttled: 1 }), FRESH, { state: 'failed' }],
    ['credential refused', end(401), FRESH, { state: 'failed' }],
    ['not complete yet', end(409), FRESH, { state: 'failed' }],
    ['server error', end(500, { attempts: 3, failed: 3 }), FRESH, again(30_000, true)],
    ['no answer, left behind', end(504), FRESH, again(30_000, true)],
    ['no connection', end(502, { attempts: 5, unsent: 5 }), FRESH, again(30_000, false)],
    ['throttled to the end', end(429, { attempts: 4, throttled: 4 }), FRESH, again(30_000, false)],
    ['throttled, and told how long', end(429, { throttled: 1, retryAfterMs: 90_000 }), FRESH, again(90_000, false)],
    ['refused here before it was sent', end(429, { own: true, attempts: 0 }), FRESH, later(5_000, false)],
    ['refused here until the window opens', end(429, { own: true, attempts: 0, retryAfterMs: 7_200_000 }), FRESH, later(7_200_000, false)],
    ['stopped by a kill switch', end(403, { own: true, attempts: 0 }), FRESH, later(30_000, false)],
    ['stopped by a kill switch before another attempt', end(403, { own: true, attempts: 2, throttled: 2 }), { sent: false, failures: 7 }, later(30_000, false, 7, true)],
    ['forbidden by Twilio', end(403), FRESH, { state: 'failed' }],
    ['sent elsewhere, which is no delete', end(307), FRESH, { state: 'failed' }],
    ['the pause doubles', end(500, { failed: 1 }), { sent: true, failures: 3 }, again(240_000, true, 4)],
    ['and has an end', end(500, { failed: 1 }), { sent: true, failures: 6 }, again(900_000, true, 7)],
    ['the last run', end(503, { failed: 1 }), { sent: true, failures: 7 }, { state: 'failed' }],
    ['who was only refused here has not used up a run', end(429, { own: true, attempts: 0 }), { sent: true, failures: 7 }, later(5_000, true, 7)]
  ]
  for (const [name, ended, before, verdict] of cases) t.strictSame(judge(ended, before, 8), verdict, name)
})
