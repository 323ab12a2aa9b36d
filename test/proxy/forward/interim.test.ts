import { readFileSync } from 'node:fs'
import { createServer } from 'node:tls'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { AUTHORIZATION, createClient, MESSAGES, startApp } from '../../support/app.ts'

const file = (name: string): string => new URL(`../../support/certificates/${name}`, import.meta.url).pathname

t.test('behind TLS, too, and on a connection that is used again: interim answers go, final ones come', async (t) => {
  let connections = 0
  const server = createServer({ key: readFileSync(file('good.key')), cert: readFileSync(file('good.pem')) }, (socket) => {
    connections++
    let requests = 0
    socket.on('error', () => {}).on('data', () => {
      const body = `{"number":${++requests}}`
      for (const byte of `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: ${body.length}\r\n\r\n${body}`) socket.write(byte)
    })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const { proxy, app } = await startApp(t, `https://127.0.0.1:${(server.address() as AddressInfo).port}`, { upstream: { caFile: file('authority.pem') } })
  t.teardown(() => { server.close() })
  const client = createClient(t)
  for (const number of [1, 2, 3]) {
    const answer = await client(proxy + MESSAGES, { method: 'POST', headers: { authorization: AUTHORIZATION }, body: 'To=1' })
    t.match(answer, { status: 201, headers: { link: undefined, 'governor-attempts': '1' } })
    t.same(answer.json(), { number })
  }
  t.equal(connections, 1)
  await app.close()
})
