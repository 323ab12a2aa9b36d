// Twilio's SDK for Node: sends messages one after another, or so many at once. Prints their times in milliseconds.
// DIRECT names the origin that stands for Twilio; otherwise HTTP_PROXY leads there.
import twilio from 'twilio'

const [count, atOnce, keepAlive] = process.argv.slice(2)
const direct = process.env.DIRECT

class Direct extends twilio.RequestClient {
  request (options) {
    const { pathname, search } = new URL(options.uri)
    return super.request({ ...options, uri: direct + pathname + search })
  }
}

const client = twilio(`AC${'1'.repeat(32)}`, 'secret', direct === undefined ? {} : { httpClient: new Direct({ keepAlive: keepAlive === 'kept' }) })
const message = { to: '+15550001111', from: '+15550002222', body: 'hello' }
const times = []
let left = Number(count)
await Promise.all(Array.from({ length: Number(atOnce) }, async () => {
  while (left-- > 0) {
    const startMs = performance.now()
    await client.messages.create(message)
    times.push(performance.now() - startMs)
  }
}))
console.log(JSON.stringify(times))
