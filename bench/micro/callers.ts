/** Callers in a process of their own: origin, how many, for how many seconds. Prints a line when it is done. */
import { closedLoop, createSender } from '../overhead/load.ts'

const [origin = '', callers = '', seconds = ''] = process.argv.slice(2)
const { send, close } = createSender(origin, Number(callers))
const perSecond = await closedLoop(send, Number(callers), Number(seconds))
await close()
console.log(JSON.stringify({ perSecond: String(perSecond) }))
