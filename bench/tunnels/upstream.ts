/** Twilio as a server with TLS: answers a create at once. Arguments: files of its certificate and key. Prints its origin. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'

const [certFile = '', keyFile = ''] = process.argv.slice(2)
const body = JSON.stringify({ sid: `SM${'0'.repeat(32)}`, status: 'queued', body: 'x'.repeat(300) })
const headers = {
  'content-type': 'application/json',
  'content-length': Buffer.byteLength(body),
  'twilio-concurrent-requests': '1',
  'twilio-request-duration': '0.001',
  'twilio-request-id': `RQ${'0'.repeat(32)}`
}
const server = createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, (request, response) => {
  request.resume().on('end', () => response.writeHead(201, headers).end(body))
})
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}` })))
