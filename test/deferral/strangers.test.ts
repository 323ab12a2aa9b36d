import t from 'tap'
import { StrangersJobs } from '../../src/deferral/strangers.ts'

function fill (jobs: StrangersJobs, address: string): number {
  let added = 0
  while (jobs.mayAdd(address)) jobs.add(`${address} ${added++}`, address)
  return added
}

t.test('jobs of credentials that Twilio does not know leave room for those that it knows, and for other addresses', (t) => {
  const jobs = new StrangersJobs(10_000)
  t.equal(fill(jobs, 'a'), 4_000)
  t.ok(fill(jobs, 'b') >= 800)
  t.ok(fill(jobs, 'c') >= 100)
  for (let i = 0; i < 4_000; i++) jobs.end(`a ${i}`)
  jobs.end('a 0')
  jobs.end('nobody')
  t.ok(fill(jobs, 'd') > 3_000, 'what has ended counts no more')
  t.end()
})

t.test('a small store is not made smaller', (t) => {
  t.ok(fill(new StrangersJobs(5), 'a') >= 5)
  t.end()
})
