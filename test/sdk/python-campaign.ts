/** Twilio's library for Python through the proxy. Needs python3-twilio, so it is not part of `npm test`: npm run test:python */
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { simulator } from '../simulator/support.ts'
import { startApp } from '../support/app.ts'
import { run } from '../support/programs.ts'
import { throttledShare } from './campaign.ts'
import { SID } from './stage.ts'

const SCRIPT = fileURLToPath(new URL('./python-campaign.py', import.meta.url))
/** Debian's own, which has Debian's packages. */
const PYTHON = '/usr/bin/python3'

for (const present of [true, false]) {
  t.test(`a campaign from Python, the headers that tell the concurrency ${present ? 'present' : 'absent'}: all sent once, no 429 for the app`, async (t) => {
    const messages = 600
    const twilio = await simulator(t, {
      limit: 12, wireDelayMs: 10, latency: { medianMs: 40, p99Ms: 150 }, refusals: { delayMs: 2 }, headers: { present, duration: present }
    })
    const { proxy, log } = await startApp(t, twilio.origin)
    const startedAtMs = performance.now()
    const { code, stdout, stderr } = await run(t, PYTHON, [SCRIPT, proxy, SID, String(messages), '40']).ended
    t.equal(stderr, '')
    t.equal(code, 0)
    t.same(JSON.parse(stdout), { sent: messages, distinct: messages, errors: [], listed: messages, listedDistinct: messages })
    const stats = twilio.stats()
    t.match(stats, { creates: { total: messages }, duplicates: 0 })
    t.ok(stats.throttled.total > 0, 'the limit was really met')
    t.equal(log().filter(({ msg, status }) => msg === 'exchange' && status === 201).length, messages)
    const { attempts, share } = throttledShare(stats, 3)
    t.comment(`${((performance.now() - startedAtMs) / 1000).toFixed(1)} s, ${stats.throttled.total} throttled; after 3 s ${(100 * share).toFixed(2)} % of ${attempts}`)
  })
}

t.test('without the library it says what to install', async (t) => {
  // -S: no directories of packages besides the standard library's.
  const { code, stdout, stderr } = await run(t, PYTHON, ['-S', SCRIPT, 'http://127.0.0.1:1', SID, '1', '1']).ended
  t.equal(code, 1)
  t.equal(stdout, '')
  t.match(stderr, /apt-get install python3-twilio/)
})
