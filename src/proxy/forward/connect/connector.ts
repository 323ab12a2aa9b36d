/**
 * Opens a connection: the name looked up, the addresses raced, a tunnel through the egress proxy where there is one,
 * then TLS; all of it within one timeout, which no layer below cuts shorter.
 */
import { lookup as systemLookup } from 'node:dns/promises'
import { connect as connectSocket, type Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import type { buildConnector } from 'undici'
import type { Clock } from '../../ports/clock.ts'
import { interleaved, race, staggerMs, type Address, type Dial } from './race.ts'
import { ConnectError } from './ready.ts'
import { Tls } from './tls.ts'
import { tunnel } from './tunnel.ts'

export interface EgressProxy {
  readonly host: string
  readonly port: number
  /** We speak TLS with the proxy itself. */
  readonly secure: boolean
  /** Such as Proxy-Authorization. Never shown. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
}

export interface ConnectorOptions {
  readonly timeoutMs: number
  readonly context: SecureContext
  /** The egress proxy on the way to a host; undefined where there is none. */
  readonly egress: (secure: boolean, host: string) => EgressProxy | undefined
  /** Value of the Via header that the egress proxy gets, by which a loop is known. */
  readonly via: string
  readonly clock: Clock
  readonly lookup?: (host: string) => Promise<readonly Address[]>
  readonly dial?: (address: Address, port: number) => Socket
}

/** From which on the system asks an idle peer whether it is still there, milliseconds. */
const PROBE_AFTER_MS = 60_000
/** The code that undici gives it. */
const TIMED_OUT = 'UND_ERR_CONNECT_TIMEOUT'

export function createConnector (options: ConnectorOptions): buildConnector.connector {
  const { timeoutMs, clock, dial = dialAddress } = options
  const tls = new Tls(options.context)
  const lookup = shared(options.lookup ?? allAddresses)

  async function toHost (host: string, port: number, signal: AbortSignal): Promise<Socket> {
    const addresses = interleaved(await unlessAborted(lookup(host), signal))
    const to: Dial = (address) => dial(address, port)
    const socket = await race(addresses, to, staggerMs(addresses.length, timeoutMs), clock, signal)
    return socket.setNoDelay(true).setKeepAlive(true, PROBE_AFTER_MS)
  }

  async function throughProxy (proxy: EgressProxy, host: string, port: number, signal: AbortSignal): Promise<Socket> {
    try {
      const plain = await toHost(proxy.host, proxy.port, signal)
      const socket = proxy.secure ? await tls.over(plain, proxy.host, proxy.port, signal) : plain
      await tunnel(socket, { host, port, headers: [['Via', options.via], ...proxy.headers] }, signal)
      return socket
    } catch (error) {
      throw ofProxy(error)
    }
  }

  async function open (secure: boolean, host: string, port: number, signal: AbortSignal): Promise<Socket> {
    const proxy = options.egress(secure, host)
    const socket = await (proxy === undefined ? toHost(host, port, signal) : throughProxy(proxy, host, port, signal))
    return secure ? await tls.over(socket, host, port, signal) : socket
  }

  return ({ hostname, protocol, port }, callback) => {
    const secure = protocol === 'https:'
    const ending = new AbortController()
    const timer = clock.setTimer(() => { ending.abort(new ConnectError(TIMED_OUT)) }, timeoutMs)
    open(secure, hostname, Number(port) || (secure ? 443 : 80), ending.signal).then(
      (socket) => {
        clock.clearTimer(timer)
        callback(null, socket)
      },
      (error: unknown) => {
        clock.clearTimer(timer)
        callback(error as Error, null)
      }
    )
  }
}

const allAddresses = (host: string): Promise<readonly Address[]> => systemLookup(host, { all: true, verbatim: true })

function dialAddress ({ address, family }: Address, port: number): Socket {
  // A stream, such as a socket, reads this much at once.
  const stream = { highWaterMark: 64 * 1024 }
  return connectSocket({ host: address, family, port, ...stream })
}

/**
 * Who asks for a name while it is looked up gets the same answer: the system looks up four names at a time, for the
 * whole process.
 */
function shared (lookup: (host: string) => Promise<readonly Address[]>): (host: string) => Promise<readonly Address[]> {
  const running = new Map<string, Promise<readonly Address[]>>()
  return (host) => {
    let answer = running.get(host)
    if (answer === undefined) {
      answer = lookup(host).finally(() => { running.delete(host) })
      running.set(host, answer)
    }
    return answer
  }
}

async function unlessAborted<Value> (waiting: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted()
  let abort = (): void => {}
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => { reject(signal.reason as Error) }
    signal.addEventListener('abort', abort)
  })
  try {
    return await Promise.race([waiting, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** What failed on the way to the egress proxy is told apart from what failed behind it. */
function ofProxy (error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN'
  return new ConnectError(code.startsWith('PROXY_') ? code : `PROXY_${code}`)
}
