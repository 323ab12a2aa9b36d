/**
 * A stand-in for Twilio, in a process of its own, that knows only what the measurements of the traffic policy need: a ceiling
 * of concurrency, a service time, limits a second for single routes, and how it announces them. Argument: its settings as
 * JSON. `GET /seen` tells when requests arrived, by route, and `DELETE /seen` forgets it.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

interface RouteLimit {
  readonly contains: string
  readonly perSecond: number
  readonly announced: boolean
}

interface Upstream {
  readonly ceiling: number
  readonly serviceMs: number
  readonly routes: readonly RouteLimit[]
}

interface Arrival {
  readonly atMs: number
  readonly method: string
  readonly path: string
  readonly status: number
}

const { ceiling, serviceMs, routes } = JSON.parse(process.argv[2] ?? '') as Upstream
let inflight = 0
let seen: Arrival[] = []
const starts = new Map<RouteLimit, number[]>()

const server = createServer((request, response) => {
  const { method = '', url = '' } = request
  if (url === '/seen') {
    if (method === 'DELETE') seen = []
    response.end(JSON.stringify(seen))
    return
  }
  const atMs = performance.timeOrigin + performance.now()
  const route = routes.find(({ contains }) => url.includes(contains))
  const used = route === undefined ? [] : (starts.get(route) ?? []).filter((startMs) => startMs > atMs - 1_000)
  const isOver = route !== undefined && used.length >= route.perSecond
  const status = inflight >= ceiling || isOver ? 429 : method === 'DELETE' ? 204 : method === 'GET' ? 200 : 201
  seen.push({ atMs, method, path: url, status })
  const headers: Record<string, string> = {
    'content-type': 'application/json', 'twilio-concurrent-requests': String(Math.min(ceiling, inflight + 1)), 'twilio-request-duration': String(serviceMs / 1000)
  }
  if (route !== undefined && status !== 429) starts.set(route, [...used, atMs])
  if (route?.announced === true) {
    headers['x-rate-limit-limit'] = String(route.perSecond)
    headers['x-rate-limit-remaining'] = String(Math.max(0, route.perSecond - used.length - (status === 429 ? 0 : 1)))
  }
  request.resume().on('end', () => {
    if (status === 429) {
      response.writeHead(429, headers).end('{"code":20429,"message":"Too Many Requests","status":429}')
      return
    }
    inflight++
    const answer = (): void => {
      inflight--
      response.writeHead(status, headers).end(status === 204 ? undefined : '{"sid":"SM1"}')
    }
    // A timer would take a millisecond in any case.
    if (serviceMs === 0) answer()
    else setTimeout(answer, serviceMs * (0.8 + 0.4 * Math.random()))
  })
})
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })))
