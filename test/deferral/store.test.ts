/** The jobs in their file, one change at a time. */
import t, { type Test } from 'tap'
import { openDatabase } from '../../src/deferral/database.ts'
import { Store } from '../../src/deferral/store.ts'
import { strangerOf } from '../../src/deferral/strangers.ts'

type Stranger = Parameters<typeof strangerOf>[0]

async function storeOf (t: Test, jobs: number): Promise<Store> {
  const db = await openDatabase(`${t.testdir({})}/jobs.db`)
  t.teardown(() => { db.close() })
  const store = new Store(db)
  for (let n = 0; n < jobs; n++) {
    store.insert({ id: `job ${n}`, rule: 'r', route: 'x', account: 'a', key_id: 'k', created_ms: n, sealed: Buffer.of(1) })
  }
  return store
}

t.test('the counts follow each change', async (t) => {
  const store = await storeOf(t, 3)
  const found = (): readonly number[] => {
    const { queued, running, done, cancelled } = store.counts()
    return [queued, running, done, cancelled]
  }
  t.same(found(), [3, 0, 0, 0])
  const [first, second] = store.claim(['r'], ['k'], 2, 10)
  t.same(found(), [1, 2, 0, 0])
  store.release(second!)
  t.same(found(), [2, 1, 0, 0])
  store.settle(first!, { state: 'done', alreadyGone: false }, { status: 204 }, 20)
  t.same(found(), [2, 0, 1, 0])
  store.cancel('job 2', 20)
  t.same(found(), [1, 0, 1, 1])
  store.forget(21, 10)
  t.same(found(), [1, 0, 0, 0])
})

t.test('jobs are taken in their order, from the moment on that they wait for', async (t) => {
  const store = await storeOf(t, 3)
  const [first] = store.claim(['r'], ['k'], 1, 10)
  const again = { state: 'queued', pauseMs: 5, sent: true, failures: 1, ran: true, told: true } as const
  store.settle(first!, again, { status: 503 }, 10)
  t.same(store.claim(['r'], ['k'], 5, 14).map(({ id }) => id), ['job 1', 'job 2'])
  t.same(store.claim(['r'], ['k'], 5, 15).map(({ id, runs }) => [id, runs]), [['job 0', 2]])
})

t.test('what finished at a moment is kept at that moment, and forgotten after it', async (t) => {
  const store = await storeOf(t, 1)
  store.cancel('job 0', 20)
  store.forget(20, 10)
  t.equal(store.get('job 0')?.state, 'cancelled')
  store.forget(21, 10)
  t.equal(store.get('job 0'), undefined)
})

t.test('a stranger is a credential that is not accepted, by its own address', async (t) => {
  const of = (peer: string, address?: string): string | undefined =>
    strangerOf({ identity: { peer, bearer: address === undefined ? undefined : { address } } } as unknown as Stranger)
  t.equal(of('10.0.0.9', '10.0.0.9'), '10.0.0.9')
  t.equal(of('accepted', '10.0.0.9'), undefined)
  t.equal(of('10.0.0.9'), undefined)
})
