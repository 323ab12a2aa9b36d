import t from 'tap'
import { assertAllOnce, campaign, throttledShare } from './campaign.ts'
import { setStage } from './stage.ts'

const NETWORK = { wireDelayMs: 10, latency: { medianMs: 40, p99Ms: 150 }, refusals: { delayMs: 2 } }

t.test('a campaign through the proxy: all sent once, no 429 for the app, Twilio hardly bothered', async (t) => {
  const limit = 15
  const messages = 2000
  const stage = await setStage(t, { ...NETWORK, limit })
  const { errors, elapsedMs } = await campaign(stage, { messages, calls: 120 })
  const stats = assertAllOnce(t, stage, errors, messages)
  t.ok(stats.throttled.total > 0, 'the limit was really met')
  // How little is in the line below; on a loaded machine it is more. npm run test:scenarios has the bars.
  const { attempts, share } = throttledShare(stats, 3)
  // A request occupies the account while it is at Twilio, but a place of ours on the wire as well.
  const ofIdeal = messages / elapsedMs / (limit / stats.meanServiceMs)
  const ofKnown = messages / elapsedMs / (limit / (stats.meanServiceMs + 2 * NETWORK.wireDelayMs))
  t.comment(`${messages} messages in ${(elapsedMs / 1000).toFixed(1)} s, ${stats.throttled.total} throttled; after 3 s ` +
    `${(100 * share).toFixed(2)} % of ${attempts}; goodput ${ofIdeal.toFixed(2)} of the ideal, ${ofKnown.toFixed(2)} of a fixed limit of ${limit}; ` +
    `limit found ${stage.app.state.accounts()[0]!.limit}`)
})

t.test('without the headers that tell the concurrency: the same', async (t) => {
  const messages = 800
  const stage = await setStage(t, { ...NETWORK, limit: 15, headers: { present: false, duration: false } })
  const { errors, elapsedMs } = await campaign(stage, { messages, calls: 120 })
  const stats = assertAllOnce(t, stage, errors, messages)
  t.equal(stage.app.state.accounts()[0]!.reportedConcurrency, null, 'nothing was told')
  t.comment(`${(elapsedMs / 1000).toFixed(1)} s, ${stats.throttled.total} throttled, goodput ` +
    `${(messages / elapsedMs / (15 / stats.meanServiceMs)).toFixed(2)} of the ideal`)
})

for (const present of [true, false]) {
  t.test(`a limit that drops from 40 to 15 and rises to 60 in mid-run, headers ${present ? 'present' : 'absent'}`, async (t) => {
    const messages = 2000
    const stage = await setStage(t, { ...NETWORK, limit: 40, headers: { present, duration: present } }, {}, [
      { atMs: 1500, set: { limit: 15 } },
      { atMs: 3500, set: { limit: 60 } }
    ])
    const { errors, elapsedMs } = await campaign(stage, { messages, calls: 120 })
    const stats = assertAllOnce(t, stage, errors, messages)
    t.comment(`${(elapsedMs / 1000).toFixed(1)} s, ${stats.throttled.total} throttled of ${stats.throttled.total + stats.admitted} attempts, ` +
      `limit at the end ${stage.app.state.accounts()[0]!.limit}`)
  })
}
