import t from 'tap'
import { Credentials } from '../../../src/proxy/gate/credentials.ts'

const SECRET = `Basic ${Buffer.from('ACcafe:hunter2secret').toString('base64')}`

t.test('the name of a credential tells nothing of it, and differs by process and account', async (t) => {
  const [one, other] = [new Credentials(), new Credentials()]
  const name = one.nameOf(SECRET, 'AC1')
  t.match(name, /^[\w-]{24} AC1$/)
  t.notOk(name.includes(SECRET.slice(6)))
  t.equal(one.nameOf(SECRET, 'AC1'), name)
  t.not(one.nameOf(`${SECRET}x`, 'AC1'), name, 'another secret')
  t.not(one.nameOf(SECRET, 'AC2'), name, 'another account')
  t.equal(one.nameOf(SECRET, 'AC2').slice(0, 24), name.slice(0, 24))
  t.not(other.nameOf(SECRET, 'AC1'), name, 'another process has another salt')
  t.equal(one.nameOf(undefined, 'AC1'), 'AC1', 'who has none goes by the account alone')
})

t.test('a request takes of the share of its address, and of its credential once that is accepted', async (t) => {
  const credentials = new Credentials()
  const bearer = { credential: credentials.nameOf(SECRET, 'AC1'), address: '10.0.0.1' }
  t.equal(credentials.peerOf(bearer), '10.0.0.1')
  credentials.answered(bearer.credential, 401)
  t.equal(credentials.peerOf(bearer), '10.0.0.1')
  credentials.answered(bearer.credential, 200)
  t.equal(credentials.peerOf(bearer), `10.0.0.1 ${bearer.credential}`)
  t.not(credentials.peerOf({ ...bearer, address: '10.0.0.2' }), credentials.peerOf(bearer))
})

t.test('an answer tells whether the standing has changed; nine 401s in a row move no accepted one', async (t) => {
  const credentials = new Credentials()
  const standings = [401, 401, 200, 200, ...Array<number>(9).fill(401), 500, 401, 401].map((status) =>
    [credentials.answered('x', status), credentials.standing('x')])
  t.same(standings, [
    [true, 'rejected'], [false, 'rejected'], [true, 'accepted'], [false, 'accepted'],
    ...Array.from({ length: 9 }, () => [false, 'accepted']),
    [false, 'accepted'], [true, 'rejected'], [false, 'rejected']
  ])
  t.equal(credentials.standing('y'), 'untried')
})
