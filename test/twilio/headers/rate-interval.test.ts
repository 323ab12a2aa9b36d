import t from 'tap'
import { readInterval } from '../../../src/twilio/headers/rate-interval.ts'

t.test('the interval, as configurations of limits are commonly written', async (t) => {
  for (const [text, expected] of [
    ['3/s', 1_000],
    ['3/1s', 1_000],
    ['3 / 10 seconds', 10_000],
    ['3/sec', 1_000],
    ['180/m', 60_000],
    ['3/minute', 60_000],
    ['3/500ms', 500],
    ['3;w=1', 1_000],
    ['3; w=60', 60_000],
    ['3 per second', 1_000],
    ['3 requests per 5 seconds', 5_000],
    ['3 per second, burst 9', 1_000],
    ['limit=3, period=1s', 1_000],
    ['limit=3,interval=2', 2_000],
    ['window: 10s', 10_000],
    ['window_ms=250', 250],
    ['{"limit":3,"intervalMs":1000}', 1_000],
    ['{"limit":3,"interval":"1s"}', 1_000],
    ['{"limit":3,"window":"PT1S"}', 1_000],
    ['limit=3; interval_seconds=4', 4_000],
    ['3/h', 3_600_000],
    ['1000/d, 3/s', 1_000],
    ['1000/d, 4/s', 86_400_000]
  ] as const) t.equal(readInterval(text, 3), expected, text)
})

t.test('a text that does not tell says nothing', async (t) => {
  for (const text of [undefined, '', '3', '3/', 'per', 'taskrouter-default', 'w=', '3/0s', 'interval=0', 'http://x', '3/weeks', `3/s${' '.repeat(200)}`]) {
    t.equal(readInterval(text, 3), undefined, text ?? 'no text')
  }
})
