import t from 'tap'
import { OwnLevel } from '../../../src/policy/limit/own-level.ts'

t.test('before any answer all that is in flight may be at Twilio', async (t) => {
  const own = new OwnLevel()
  t.same([own.mean(10), own.most(10), own.least(10)], [10, 10, 10])
})

t.test('with the duration that Twilio reports, the rest of the time is the wire\'s', async (t) => {
  const own = new OwnLevel()
  own.admitted(200, 150)
  t.equal(own.mean(1), 1, 'the one that asks is there')
  t.equal(own.mean(101), 76, 'and three quarters of the others')
  t.ok(own.least(101) < 76 && own.most(101) > 76)
})

t.test('without it, a refusal shows how long the wire takes', async (t) => {
  const own = new OwnLevel()
  own.admitted(200, undefined)
  t.equal(own.mean(101), 101)
  own.refused(50)
  t.equal(own.mean(101), 76)
})

t.test('an absurd duration leaves every number within 1 and what is in flight', async (t) => {
  for (const [rttMs, durationMs] of [[100, 5_000], [100, 0], [0, 0], [0, 100]] as const) {
    const own = new OwnLevel()
    own.admitted(rttMs, durationMs)
    own.refused(3_000)
    for (const inflight of [1, 2, 100]) {
      for (const value of [own.mean(inflight), own.most(inflight), own.least(inflight)]) {
        t.ok(value >= 1 && value <= inflight, `${rttMs} ${durationMs} ${inflight}: ${value}`)
      }
    }
  }
})

t.test('an answer moves the averages by a twentieth, a refusal that of the wire by a fifth', async (t) => {
  const own = new OwnLevel()
  own.admitted(200, 100)
  own.admitted(300, 100)
  // 200 + 5 of 100 ms in all; 100 + 5 of 100 ms on the wire.
  t.ok(Math.abs(own.mean(101) - (1 + 100 * (1 - 105 / 205))) < 1e-9, String(own.mean(101)))
  own.refused(5)
  // The wire: a fifth of the way from 105 to 5 ms.
  t.ok(Math.abs(own.mean(101) - (1 + 100 * (1 - 85 / 205))) < 1e-9, String(own.mean(101)))
})

t.test('what swings is two standard deviations of a binomial, within one and all', async (t) => {
  const own = new OwnLevel()
  own.admitted(200, 100)
  const swing = 2 * Math.sqrt(100 * 0.5 * 0.5)
  t.same([own.least(100), own.mean(100), own.most(100)], [50.5 - swing, 50.5, 50.5 + swing])
  t.same([own.least(2), own.most(2)], [1, 2])
})
