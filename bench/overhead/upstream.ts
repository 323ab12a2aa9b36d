/** An upstream that answers a create at once, or within half to one and a half times so many milliseconds, in a process of its own. Prints its origin. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const body = JSON.stringify({ sid: `SM${'0'.repeat(32)}`, status: 'queued', body: 'x'.repeat(300) })
const headers = {
  'content-type': 'application/json',
  'content-length': Buffer.byteLength(body),
  'twilio-concurrent-requests': '1',
  'twilio-request-duration': '0.001',
  'twilio-request-id': `RQ${'0'.repeat(32)}`
}
const delayMs = Number(process.argv[2] ?? 0)
const server = createServer((request, response) => {
  const answer = (): unknown => response.writeHead(201, headers).end(body)
  request.resume().on('end', delayMs === 0 ? answer : () => { setTimeout(answer, delayMs * (0.5 + Math.random())) })
})
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })))
