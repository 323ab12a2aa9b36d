import type { IncomingMessage } from 'node:http'
import t from 'tap'
import type { ConnectionShares } from '../../../src/proxy/clients/connection-shares.ts'
import { RefusalError } from '../../../src/proxy/errors.ts'
import type { Exchange, Interruption, Reaction } from '../../../src/proxy/exchange-state.ts'
import type { BodyMemory } from '../../../src/proxy/ingress/body-memory.ts'
import { readBody, type Arrival } from '../../../src/proxy/ingress/read-body.ts'

type Done = (error: RefusalError | null, body?: Buffer) => void

/** One request whose body the test brings, and all that is done about it. */
class Scene {
  readonly did: string[] = []
  readonly headers: Record<string, string | undefined>
  readonly connection = {} as { breakOff: (() => void) | undefined }
  readonly exchange = { identity: { peer: 'peer' }, body: null } as unknown as { body: Buffer | null }
  error: Error | undefined | null = null
  refusal: RefusalError | undefined
  stopped: RefusalError | undefined
  finish: Done = () => {}
  #react: Reaction | undefined

  constructor (headers: Record<string, string | undefined>, httpVersion = '1.1', rawTrailers: string[] = []) {
    this.headers = headers
    Object.assign(this.exchange, { onInterrupt: (react: Reaction | undefined) => { this.#react = react } })
    this.#raw = { headers, httpVersion, rawTrailers, socket: 'socket' } as unknown as IncomingMessage
  }

  readonly #raw: IncomingMessage

  get answersInterruption (): boolean { return this.#react !== undefined }
  interrupt (why: Interruption): void { this.#react?.(why, this.exchange as unknown as Exchange) }

  read (): this {
    const { did } = this
    const reply = {
      header: (name: string, value: string) => did.push(`${name}: ${value}`),
      raw: { writeContinue: () => did.push('100') }
    }
    const bodies = {
      refusalOf: (declared: number | undefined, peer: string) => {
        did.push(`asked for ${declared} of ${peer}`)
        return this.refusal
      },
      read: (_raw: unknown, declared: number | undefined, peer: string, done: Done) => {
        did.push(`reads ${declared} of ${peer}`)
        this.finish = done
        return (error: RefusalError) => { this.stopped = error }
      }
    }
    const shares = { reads: (_socket: unknown, reads: boolean) => did.push(reads ? 'upload' : 'no upload') }
    const arrival = { exchange: this.exchange, connection: this.connection, request: { raw: this.#raw }, reply }
    readBody(arrival as unknown as Arrival, bodies as unknown as BodyMemory, shares as unknown as ConnectionShares, (error) => {
      this.error = error
    })
    return this
  }
}

const refusal = (reason: RefusalError['reason']): RefusalError => new RefusalError(400, 20001, reason, 'no')

t.test('a request without a body is done with at once, and the server finds none', async (t) => {
  for (const headers of [{ 'content-type': 'a/b' }, { 'content-length': '0' }, { 'content-length': '0', expect: '100-continue' }]) {
    const scene = new Scene(headers).read()
    t.equal(scene.error, undefined)
    t.same(scene.did, [])
    t.same([scene.headers['content-type'], scene.headers['content-length']], [undefined, undefined])
  }
})

t.test('while a body comes its connection counts as an upload, and no longer', async (t) => {
  const scene = new Scene({ 'content-length': '3', 'content-type': 'a/b', 'x-mine': '1' }).read()
  t.same(scene.did, ['upload', 'reads 3 of peer'])
  t.equal(scene.error, null)
  t.ok(scene.answersInterruption)
  scene.finish(null, Buffer.from('a'))
  t.same(scene.did.slice(2), ['no upload'])
  t.equal(scene.error, undefined)
  t.same(scene.exchange.body, Buffer.from('a'))
  t.notOk(scene.answersInterruption, 'what comes of it later is for the line to say')
  t.equal(scene.connection.breakOff, undefined)
  t.same(scene.headers, { 'content-length': undefined, 'content-type': undefined, 'x-mine': '1' })
})

t.test('one of unknown length is read as well, and the server finds none', async (t) => {
  const scene = new Scene({ 'transfer-encoding': 'chunked' }).read()
  t.same(scene.did, ['upload', 'reads undefined of peer'])
  scene.finish(null, Buffer.from('abc'))
  t.same(scene.headers, { 'transfer-encoding': undefined })
})

t.test('a client that asks is told to go on, if it speaks HTTP/1.1', async (t) => {
  for (const [version, expected] of [['1.1', ['100']], ['1.0', []]] as const) {
    const scene = new Scene({ 'content-length': '3', expect: '100-continue' }, version).read()
    t.same(scene.did, ['asked for 3 of peer', ...expected, 'upload', 'reads 3 of peer'], version)
  }
})

t.test('or is refused before it sends anything, and its connection ends', async (t) => {
  const scene = new Scene({ 'content-length': '3', expect: '100-continue' })
  scene.refusal = refusal('body_memory')
  t.throws(() => scene.read(), scene.refusal)
  t.same(scene.did, ['asked for 3 of peer', 'connection: close'])
})

t.test('the deadline ends the reading; a client that leaves ends it by itself', async (t) => {
  const scene = new Scene({ 'content-length': '3' }).read()
  scene.interrupt('client_left')
  t.equal(scene.stopped, undefined)
  scene.interrupt('deadline')
  t.match(scene.stopped, { statusCode: 408, reason: 'body_timeout', message: /deadline passed.*Nothing was sent/ })
})

t.test('a connection that breaks off ends the reading of its last request, and of no other', async (t) => {
  const scene = new Scene({ 'content-length': '3' }).read()
  scene.connection.breakOff?.()
  t.match(scene.stopped, { statusCode: 400, reason: 'body_aborted', message: /broke off.*Nothing was sent/ })
  const next = (): void => {}
  scene.connection.breakOff = next
  scene.finish(refusal('body_aborted'))
  t.equal(scene.connection.breakOff, next, 'the next request has begun')
  t.match(scene.error, { reason: 'body_aborted' })
  t.equal(scene.exchange.body, null)
  t.same(scene.did.at(-1), 'no upload', 'what broke off needs no word about its connection')
})

t.test('where the rest of a body may never come the connection ends', async (t) => {
  const scene = new Scene({ 'content-length': '3' }).read()
  scene.finish(refusal('body_timeout'))
  t.same(scene.did.at(-1), 'connection: close')
})

t.test('trailer fields are refused, after what was wrong with the body', async (t) => {
  const scene = new Scene({ 'transfer-encoding': 'chunked' }, '1.1', ['X-Sum', '1']).read()
  scene.finish(null, Buffer.from('abc'))
  t.match(scene.error, { statusCode: 400, reason: 'bad_request', message: /trailer fields/ })
  const broken = new Scene({ 'transfer-encoding': 'chunked' }, '1.1', ['X-Sum', '1']).read()
  broken.finish(refusal('body_aborted'))
  t.match(broken.error, { reason: 'body_aborted' })
})
