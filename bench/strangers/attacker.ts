/** One client that does its worst, at an address of its own, until it is killed: node attacker.js <kind> <proxy> */
import { connect, type Socket } from 'node:net'
import { Agent, request } from 'undici'

const [kind = '', proxy = ''] = process.argv.slice(2)
const FROM = '127.0.0.3'
const PER_SECOND = 400
const VICTIMS_ACCOUNT = `AC${'a'.repeat(32)}`
const { hostname: host, port } = new URL(proxy)
const agent = new Agent({ localAddress: FROM, connections: 100 })
let number = process.pid % 1000 * 1_000_000

const pathOf = (account: string): string => `/2010-04-01/Accounts/${account}/Messages.json`
const sid = (): string => `AC${(number++).toString(16).padStart(32, '0')}`
const basic = (account: string, secret: string): string => `Basic ${Buffer.from(`${account}:${secret}`).toString('base64')}`
const FORM = 'Content-Type: application/x-www-form-urlencoded\r\n'

/** A connection of its own; made anew when the proxy ends it. */
function hold (text: () => string | Buffer): void {
  const socket: Socket = connect({ host, port: Number(port), localAddress: FROM })
  socket.on('error', () => {}).resume().on('connect', () => { socket.write(text()) })
  socket.on('close', () => { setTimeout(() => { hold(text) }, 100) })
}

function ask (path: string, headers: Record<string, string>, method: 'GET' | 'POST' | 'DELETE' = 'POST'): void {
  request(proxy + path, { dispatcher: agent, method, headers }).then(({ body }) => body.dump(), () => {})
}

const upload = Buffer.concat([Buffer.from(`POST ${pathOf(VICTIMS_ACCOUNT)} HTTP/1.1\r\nHost: localhost\r\n${FORM}Transfer-Encoding: chunked\r\n\r\n9fff00\r\n`), Buffer.alloc(10_485_504)])

const kinds: Readonly<Record<string, () => void>> = {
  'unfinished uploads': () => { for (let i = 0; i < 14; i++) hold(() => upload) },
  'idle connections': () => { for (let i = 0; i < 3_000; i++) hold(() => '') },
  'slow headers': () => { for (let i = 0; i < 3_000; i++) hold(() => 'GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ') },
  'invented credentials': () => { steadily(() => { ask(pathOf(VICTIMS_ACCOUNT), { authorization: basic(VICTIMS_ACCOUNT, String(number++)), 'governor-caller': `name-${number}`, 'governor-class': 'critical' }) }) },
  'invented accounts': () => { steadily(() => { ask(pathOf(sid()), { authorization: basic(sid(), 'x') }) }) },
  'invented deletes to defer': () => { steadily(() => { ask(`/2010-04-01/Accounts/${VICTIMS_ACCOUNT}/Messages/SM${'0'.repeat(32)}.json`, { authorization: basic(VICTIMS_ACCOUNT, String(number++)), prefer: 'respond-async' }, 'DELETE') }) },
  'refused requests': () => { steadily(() => { ask('/', { host: 'evil.example' }, 'GET') }) },
  'invented edges': () => {
    steadily(() => {
      const socket = connect({ host, port: Number(port), localAddress: FROM })
      const name = `api.edge${number++}.us1.twilio.com:443`
      socket.on('error', () => {}).on('connect', () => { socket.write(`CONNECT ${name} HTTP/1.1\r\nHost: ${name}\r\n\r\n`) })
      socket.on('data', () => { socket.destroy() })
    }, PER_SECOND / 4)
  }
}

function steadily (one: () => void, perSecond = PER_SECOND): void {
  setInterval(() => { for (let i = 0; i < perSecond / 20; i++) one() }, 50)
}

kinds[kind]?.()
console.log('{}')
