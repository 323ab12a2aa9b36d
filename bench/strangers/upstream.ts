/** A stand-in for Twilio that knows one credential. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const SERVICE_MS = 20
const GOOD = process.argv[2]

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    setTimeout(() => {
      response.writeHead(request.headers.authorization === GOOD ? 201 : 401, { 'content-type': 'application/json' }).end('{}')
    }, SERVICE_MS)
  })
})
server.listen(0, '127.0.0.1', () => { console.log(JSON.stringify({ origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })) })
