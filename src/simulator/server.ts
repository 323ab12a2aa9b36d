import { randomBytes } from 'node:crypto'
import {
  createServer as createPlainServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse
} from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { addressOf } from './address.ts'
import { readBody } from './body.ts'
import { CONTROL_PREFIX, serveControl, type Controls } from './control.ts'
import { Delays } from './delays.ts'
import { exchange, fingerprint } from './exchange.ts'
import { errorAnswer, tooLarge } from './model/answers/errors.ts'
import { startOf, type Scenario, type SettingsPatch } from './model/scenario.ts'
import type { Stats } from './model/statistics.ts'
import { World } from './model/world.ts'
import { createTimeline } from './settings/timeline.ts'

export interface SimulatorOptions {
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: any free port. */
  readonly port?: number
  readonly scenario: Scenario
  /** PEM texts; with them the simulator speaks HTTPS alone. */
  readonly tls?: { readonly key: string, readonly cert: string }
  /** Gets the simulator's own defects. A client meets each as a 500. Default: standard error. */
  readonly report?: (error: unknown) => void
}

export interface Simulator {
  /** Such as `http://127.0.0.1:4010`. */
  readonly origin: string
  readonly stats: () => Stats
  /** Changes settings at once, until the timeline or a reset changes them again. */
  readonly settings: (patch: SettingsPatch) => void
  /** Starts the timeline afresh, with the settings it has at its start; counts and resources stay. */
  readonly start: () => void
  /** Forgets everything: counts, resources, chance, and starts the scenario afresh. */
  readonly reset: () => void
  /** Cuts all connections and stops. */
  readonly close: () => Promise<void>
}

const MAX_BODY_BYTES = 16 * 1024 * 1024

/** Starts a Twilio stand-in on one port for all of Twilio's hosts. Rejects when it cannot listen. */
export async function startSimulator (options: SimulatorOptions): Promise<Simulator> {
  const { host = '127.0.0.1', port = 0, scenario, tls, report = console.error } = options
  const delays = new Delays()
  const clock = (): number => performance.now()
  const surroundings = { delays, clock, fingerprintKey: randomBytes(32), report }
  let world = new World(scenario, clock())
  const timeline = createTimeline(scenario, clock, (patch) => world.change(patch))

  const controls: Controls = {
    stats: () => world.stats(clock()),
    tenths: () => world.counters.tenths(),
    creates: (kind) => world.contents.summary(kind),
    createsOf: (kind, body) => world.bodies.count(kind, fingerprint(surroundings.fingerprintKey, '', body)),
    settings: () => world.settings,
    change: (patch) => world.change(patch),
    start: () => {
      world.restart(startOf(scenario))
      timeline.start()
    },
    reset: () => {
      // Requests on their way end in the world they came into.
      world = new World(scenario, clock())
      timeline.start()
    }
  }

  const listener: RequestListener = (request, response) => {
    const { url = '/' } = request
    if (url.startsWith(CONTROL_PREFIX)) {
      receive(
        request,
        response,
        (body) => serveControl(request.method ?? 'GET', url, request.headers, body, controls, response)
      )
    } else {
      receive(request, response, (body) => exchange({ ...incomingOf(request), body }, world, surroundings, response))
    }
  }
  const server = tls === undefined ? createPlainServer(listener) : createTlsServer({ ...tls }, listener)
  // Clients under test hold connections open between their bursts; none should meet a closing one by chance.
  server.keepAliveTimeout = 60_000
  server.requestTimeout = 0
  await listen(server, host, port)
  timeline.start()

  const { port: chosen } = server.address() as AddressInfo
  return {
    origin: `${tls === undefined ? 'http' : 'https'}://${reachable(host)}:${chosen}`,
    stats: controls.stats,
    settings: controls.change,
    start: controls.start,
    reset: controls.reset,
    close: async () => {
      timeline.stop()
      delays.clear()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    }
  }
}

/** As a part of a URL for this machine: a wildcard address is no address to connect to. */
function reachable (host: string): string {
  const address = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return address.includes(':') ? `[${address}]` : address
}

function receive (request: IncomingMessage, response: ServerResponse, done: (body: Buffer) => void): void {
  readBody(request, MAX_BODY_BYTES, (body) => {
    if (body !== undefined) {
      done(body)
      return
    }
    const { status, contentType, body: text } = errorAnswer(tooLarge, 'classic', incomingOf(request))
    response.writeHead(status, { 'Content-Type': contentType }).end(text)
  })
}

const incomingOf = (request: IncomingMessage): Omit<Parameters<typeof exchange>[0], 'body'> => ({
  ...addressOf(request.headers.host ?? '', request.url ?? '/'),
  method: request.method ?? 'GET',
  url: request.url ?? '/',
  headers: request.headers,
  authorization: request.headers.authorization,
  contentType: request.headers['content-type'] ?? ''
})

const BACKLOG = 4096

const listen = (server: Server, host: string, port: number): Promise<void> => new Promise((resolve, reject) => {
  server.once('error', reject)
  server.listen({ host, port, backlog: BACKLOG }, () => {
    server.off('error', reject)
    resolve()
  })
})
