import t from 'tap'
import { request } from 'undici'
import { AUTHORIZATION, recordingPath, simulator } from './support.ts'

t.test('600 MB stream in constant memory', async (t) => {
  const bytes = 600_000_000
  const subject = await simulator(t, { media: { bytes } })
  const { headers, body } = await request(`${subject.origin}${await recordingPath(subject)}.wav`, {
    headers: { authorization: AUTHORIZATION }
  })
  t.equal(headers['content-length'], String(bytes))
  const before = process.memoryUsage().rss
  let received = 0
  let most = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    received += chunk.length
    most = Math.max(most, process.memoryUsage.rss())
  }
  t.equal(received, bytes)
  // Most of it is garbage of the test's own, of which the versions of Node collect more or less; what was held would be 600.
  t.ok(most - before < 250_000_000, `${Math.round((most - before) / 1e6)} MB more at the most`)
})
