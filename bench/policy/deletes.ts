/** Sends so many deletes at once, from a process of its own: to open thousands of connections keeps it busy. Prints how many were done. Arguments: the proxy's origin and the number. */
import { ACCOUNT, closedLoop, createClient } from './traffic.ts'

const [,, origin = '', count = '0'] = process.argv
const { send } = createClient(origin)
console.log(JSON.stringify({ deletes: count }))
const told = await closedLoop((i) => send({ method: 'DELETE', path: `/2010-04-01/Accounts/${ACCOUNT}/Messages/SM${i}.json`, caller: 'clean-up' }), Number(count), Number(count))
console.log(JSON.stringify({ done: told.filter(({ status }) => status === 204).length }))
process.exit()
