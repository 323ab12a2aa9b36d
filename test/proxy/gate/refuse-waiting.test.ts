import t from 'tap'
import { refuseWaiting, refuseYoungest } from '../../../src/proxy/gate/refuse-waiting.ts'
import type { Exchange } from '../../../src/proxy/exchange-state.ts'

const STOP = new Error('stop')
type Where = 'queue' | 'pace' | 'both' | 'twilio'

/** Exchanges that wait somewhere, or do not, and who was taken out from where. */
function crowd (...wheres: Where[]): { exchanges: Exchange[], log: string[] } {
  const log: string[] = []
  const exchanges = wheres.map((where, order) => ({
    order,
    refused: where === 'queue' || where === 'both' ? () => {} : undefined,
    leaveWait: where === 'pace' || where === 'both'
      ? (error: Error) => log.push(`${order} pace ${error.message}`)
      : undefined,
    gate: { leave: (exchange: Exchange, error: Error) => log.push(`${exchange.order} queue ${error.message}`) }
  })) as unknown as Exchange[]
  return { exchanges, log }
}

t.test('whoever waits is taken out from where it waits, and counted; what is at Twilio goes on', async (t) => {
  const { exchanges, log } = crowd('queue', 'twilio', 'pace', 'both')
  t.equal(refuseWaiting(exchanges, () => STOP), 3)
  t.same(log, ['0 queue stop', '2 pace stop', '3 pace stop'])
})

t.test('who has no reason to be refused waits on, and is not counted; who does not wait is not asked', async (t) => {
  const { exchanges, log } = crowd('queue', 'twilio', 'pace', 'queue')
  const asked: number[] = []
  t.equal(refuseWaiting(exchanges, ({ order }) => {
    asked.push(order)
    return order === 3 ? STOP : undefined
  }), 1)
  t.same(log, ['3 queue stop'])
  t.same(asked, [0, 2, 3])
})

t.test('the youngest that waits and is meant makes room, wherever it waits and stands', async (t) => {
  for (const reversed of [false, true]) {
    const { exchanges, log } = crowd('queue', 'pace', 'queue', 'pace', 'twilio')
    const among = reversed ? exchanges.toReversed() : exchanges
    t.equal(refuseYoungest(among, ({ order }) => order !== 3, STOP), exchanges[2])
    t.equal(refuseYoungest(among, ({ order }) => order < 2, STOP), exchanges[1])
    t.same(log, ['2 queue stop', '1 pace stop'])
  }
})

t.test('where nobody waits that is meant, nobody makes room', async (t) => {
  const { exchanges, log } = crowd('queue', 'twilio')
  t.equal(refuseYoungest(exchanges, ({ order }) => order === 1, STOP), undefined)
  t.equal(refuseYoungest([], () => true, STOP), undefined)
  t.same(log, [])
})
