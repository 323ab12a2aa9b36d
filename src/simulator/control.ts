import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { changed, type SettingsPatch } from './model/scenario.ts'
import type { Settings } from './model/settings.ts'
import type { Stats, TenthBucket } from './model/statistics.ts'
import type { TallySummary } from './model/tally.ts'
import { contradictions, patchFaults } from './settings/validate.ts'

export const CONTROL_PREFIX = '/_simulator'

export interface Controls {
  readonly stats: () => Stats
  readonly tenths: () => readonly TenthBucket[]
  readonly creates: (kind: string | undefined) => TallySummary
  readonly createsOf: (kind: string, body: string) => number
  readonly settings: () => Settings
  readonly change: (patch: SettingsPatch) => void
  readonly start: () => void
  readonly reset: () => void
}

const ENDPOINTS: Readonly<Record<string, string>> = {
  'GET /_simulator/health': 'answers {"ok":true} as soon as the simulator serves',
  'GET /_simulator/stats': 'counts of received, processed and refused requests; concurrency; seconds; accounts',
  'GET /_simulator/tenths': 'admitted and refused requests by cause, for each tenth of a second',
  'GET /_simulator/creates?kind=Messages': 'processed creates: total, distinct, duplicated',
  'GET /_simulator/creates?kind=Messages&body=text': 'how often a create with this Body was processed',
  'GET /_simulator/settings': 'the present settings',
  'PATCH /_simulator/settings': 'changes settings; the body is JSON with the keys to change',
  'POST /_simulator/start': 'restarts the timeline',
  'POST /_simulator/reset': 'forgets counts and resources, and restarts the scenario'
}

const PAGE_REFUSED: readonly [number, unknown] = [
  403,
  { error: 'the simulator refuses requests of web pages: leave out Origin and Sec-Fetch-Site' }
]
/** Only browsers send these: no web page has business here. */
const isPage = ({ origin, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean =>
  origin !== undefined || site === 'cross-site' || site === 'same-site'

/** Serves the simulator's own endpoint: no wire delay, no limit, no credentials. */
export function serveControl (
  method: string,
  url: string,
  headers: IncomingHttpHeaders,
  body: Buffer,
  controls: Controls,
  response: ServerResponse
): void {
  const { pathname, searchParams: query } = new URL(url, 'http://simulator')
  const [status, value] = isPage(headers)
    ? PAGE_REFUSED
    : answerOf(`${method} ${pathname.replace(/\/$/, '')}`, query, body, controls)
  const text = JSON.stringify(value)
  response.writeHead(
    status,
    { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text), 'Cache-Control': 'no-store' }
  ).end(text)
}

function answerOf (
  request: string,
  query: URLSearchParams,
  body: Buffer,
  controls: Controls
): readonly [status: number, value: unknown] {
  switch (request) {
    case 'GET /_simulator': return [200, ENDPOINTS]
    case 'GET /_simulator/health': return [200, { ok: true }]
    case 'GET /_simulator/stats': return [200, controls.stats()]
    case 'GET /_simulator/tenths': return [200, controls.tenths()]
    case 'GET /_simulator/creates': return [200, creates(query, controls)]
    case 'GET /_simulator/settings': return [200, controls.settings()]
    case 'PATCH /_simulator/settings': return change(body, controls)
    case 'POST /_simulator/start':
      controls.start()
      return [200, { ok: true }]
    case 'POST /_simulator/reset':
      controls.reset()
      return [200, { ok: true }]
    default: return [404, { error: 'no such endpoint', endpoints: ENDPOINTS }]
  }
}

function creates (query: URLSearchParams, controls: Controls): unknown {
  const kind = query.get('kind') ?? undefined
  const text = query.get('body')
  return text === null ? controls.creates(kind) : { count: controls.createsOf(kind ?? 'Messages', text) }
}

function change (body: Buffer, controls: Controls): readonly [status: number, value: unknown] {
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch {
    return [400, { error: 'the body is not JSON' }]
  }
  const faults = patchFaults(value)
  if (faults.length > 0) return [400, { error: 'settings refused', faults }]
  const patch = value as SettingsPatch
  const clashes = contradictions(changed(controls.settings(), patch))
  if (clashes.length > 0) return [400, { error: 'settings refused', faults: clashes }]
  controls.change(patch)
  return [200, controls.settings()]
}
