/** An upstream that answers a create at once, or within half to one and a half times so many milliseconds, in a process of its own. Prints its origin. Arguments: the milliseconds, and files of a certificate and its key for TLS. */
import { readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

const body = JSON.stringify({ sid: `SM${'0'.repeat(32)}`, status: 'queued', body: 'x'.repeat(300) })
const headers = {
  'content-type': 'application/json',
  'content-length': Buffer.byteLength(body),
  'twilio-concurrent-requests': '1',
  'twilio-request-duration': '0.001',
  'twilio-request-id': `RQ${'0'.repeat(32)}`
}
const [,, delay = '0', certFile, keyFile] = process.argv
const delayMs = Number(delay)
const answerRequest: RequestListener = (request, response) => {
  const answer = (): unknown => response.writeHead(201, headers).end(body)
  request.resume().on('end', delayMs === 0 ? answer : () => { setTimeout(answer, delayMs * (0.5 + Math.random())) })
}
const isSecure = certFile !== undefined && keyFile !== undefined
const server = isSecure ? createTlsServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, answerRequest) : createServer(answerRequest)
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ origin: `http${isSecure ? 's' : ''}://127.0.0.1:${(server.address() as AddressInfo).port}` })))
