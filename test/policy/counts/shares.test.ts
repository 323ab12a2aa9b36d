import t from 'tap'
import { Shares } from '../../../src/policy/counts/shares.ts'

t.test('those who hold more than a newcomer would then give way, the greediest first', (t) => {
  const shares = new Shares()
  for (const [peer, amount] of [['a', 5], ['b', 9], ['c', 3]] as const) shares.take(peer, amount)
  t.strictSame(shares.yielding('d', 2), ['b', 'a', 'c'])
  t.strictSame(shares.yielding('d', 3), ['b', 'a'])
  t.strictSame(shares.yielding('c', 2), ['b'], 'what it holds already counts')
  t.strictSame(shares.yielding('b', 1), [], 'nobody gives way to the greediest')
  t.equal(shares.total, 17)
  t.end()
})

t.test('who has given everything back is forgotten', (t) => {
  const shares = new Shares()
  shares.take('a', 5)
  shares.take('b', 0)
  shares.give('a', 5)
  t.equal(shares.peers, 0)
  t.equal(shares.total, 0)
  t.end()
})

t.test('peers that only ever push out greedier ones come to equal shares, and then stop', (t) => {
  const shares = new Shares()
  shares.take('a', 12)
  let moves = 0
  for (let round = 0; round < 100; round++) {
    const peer = ['a', 'b', 'c'][round % 3]!
    const [victim] = shares.yielding(peer, 1)
    if (victim === undefined) continue
    shares.give(victim, 1)
    shares.take(peer, 1)
    moves++
  }
  t.strictSame(['a', 'b', 'c'].map((peer) => shares.of(peer)), [4, 4, 4])
  t.equal(moves, 8)
  t.end()
})

t.test('giving or taking nothing makes nobody a holder', (t) => {
  const shares = new Shares()
  shares.give('a', 0)
  shares.take('a', 0)
  t.same([shares.peers, shares.total, shares.of('a')], [0, 0, 0])
  shares.take('b', 3)
  shares.give('b', 1)
  t.same([shares.peers, shares.total, shares.of('b')], [1, 2, 2])
  t.end()
})
