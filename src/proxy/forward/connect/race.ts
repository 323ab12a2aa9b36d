/**
 * Which of a host's addresses we connect to: Happy Eyeballs, RFC 8305. Attempts start one after another, and none is
 * given up while time remains. Node's own `autoSelectFamily` gives an attempt up after 250 ms, so a good address that
 * is further away never connects once the name has two.
 */
import type { Socket } from 'node:net'
import type { Clock, Timer } from '../../ports/clock.ts'

export interface Address {
  readonly address: string
  /** 4 or 6. */
  readonly family: number
}

/** From one attempt to the next, milliseconds: what RFC 8305, section 5, recommends, and its least. */
const STAGGER_MS = 250
const STAGGER_LEAST_MS = 10
/** Failures of this machine's own network, which say nothing of the host. */
const NO_ROUTE: ReadonlySet<unknown> = new Set(['ENETUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT'])

/**
 * The addresses as they are tried: each once, the families in turn, the resolver's first choice first. RFC 8305,
 * section 4.
 */
export function interleaved (addresses: readonly Address[]): readonly Address[] {
  const each = addresses.filter(({ address }, i) => addresses.findIndex((other) => other.address === address) === i)
  const preferred = each.filter(({ family }) => family === each[0]?.family)
  const other = each.filter(({ family }) => family !== each[0]?.family)
  return preferred.flatMap((address, i) => [address, ...other.slice(i, i + 1)]).concat(other.slice(preferred.length))
}

/**
 * Milliseconds from one attempt to the next: so few that every address has its turn within half of the time there is.
 */
export const staggerMs = (addresses: number, timeoutMs: number): number =>
  Math.max(STAGGER_LEAST_MS, Math.min(STAGGER_MS, timeoutMs / (2 * addresses)))

/** Starts to connect; the socket says `connect` or `error`. */
export type Dial = (address: Address) => Socket

/**
 * The first of the addresses to connect. An attempt that fails starts the next at once. `signal` ends all of them.
 * @throws what the first address failed with, or the first failure that is not this machine's own
 */
export async function race (
  addresses: readonly Address[],
  dial: Dial,
  stagger: number,
  clock: Clock,
  signal: AbortSignal
): Promise<Socket> {
  return await new Promise<Socket>((resolve, reject) => {
    const open = new Set<Socket>()
    const failures: Error[] = []
    let timer: Timer | undefined
    let next = 0

    const end = (winner?: Socket): void => {
      if (timer !== undefined) clock.clearTimer(timer)
      signal.removeEventListener('abort', abort)
      for (const socket of open) if (socket !== winner) socket.destroy()
      open.clear()
    }
    const abort = (): void => {
      end()
      reject(signal.reason as Error)
    }
    const start = (): void => {
      if (timer !== undefined) clock.clearTimer(timer)
      const address = addresses[next++]
      if (address === undefined) return
      timer = next < addresses.length ? clock.setTimer(start, stagger) : undefined
      const socket = dial(address)
      open.add(socket)
      socket.once('connect', () => {
        end(socket)
        resolve(socket)
      })
      // It stays: a socket that nobody listens to ends the process with its error.
      socket.on('error', (error: Error) => {
        if (!open.delete(socket)) return
        failures.push(error)
        if (next < addresses.length) start()
        else if (open.size === 0) {
          end()
          reject(tellingOf(failures))
        }
      })
    }

    if (signal.aborted) {
      abort()
      return
    }
    signal.addEventListener('abort', abort)
    start()
  })
}

function tellingOf (failures: readonly Error[]): Error {
  return failures.find((error) => !('code' in error && NO_ROUTE.has(error.code))) ??
    failures[0] ??
    new Error('no address')
}
