/** TWILIO_REGION and TWILIO_EDGE: which host an SDK makes of them, and of a base URL. */
import type { Environment } from '../../run/bundle.ts'
import { parseTwilioHost } from '../../../twilio/hosts.ts'
import { finding, NAMES, type Finding, type Sdk } from '../finding.ts'

export interface Place {
  readonly region: string | undefined
  readonly edge: string | undefined
}

/** Those that read the two variables; the others take them in code alone. */
const READERS: ReadonlySet<Sdk> = new Set<Sdk>(['node', 'twilio-cli', 'python', 'java', 'go', 'php'])
/**
 * Regions whose hosts without an edge stopped on 2026-04-28, and the edge that a host of theirs needs; undefined where
 * Twilio names api.twilio.com as what comes after.
 * https://www.twilio.com/docs/global-infrastructure/edge-locations/legacy-regions
 */
const STOPPED: ReadonlyMap<string, string | undefined> = new Map([
  ['au1', 'sydney'], ['ie1', 'dublin'], ['br1', undefined], ['de1', undefined], ['jp1', undefined],
  ['sg1', undefined], ['us2', undefined]
])

const NOWHERE: Place = { region: undefined, edge: undefined }

export function placeOf (sdk: Sdk, env: Environment): Place {
  return READERS.has(sdk)
    ? { region: env['TWILIO_REGION'] || undefined, edge: env['TWILIO_EDGE'] || undefined }
    : NOWHERE
}

/** The host that an SDK asks for in a product's place. */
export function hostAt (product: string, { region, edge }: Place): string {
  const at = region ?? (edge === undefined ? undefined : 'us1')
  return joined([product, edge, at, 'twilio.com'])
}

/** The host to ask for in place of one that stopped. */
export function livingHost (product: string, { region, edge }: Place): string {
  if (region === undefined || edge !== undefined || !STOPPED.has(region)) return hostAt(product, { region, edge })
  const needed = STOPPED.get(region)
  return hostAt(product, needed === undefined ? NOWHERE : { region, edge: needed })
}

export function judgeRegion (sdk: Sdk, env: Environment): readonly Finding[] {
  const place = placeOf(sdk, env)
  const host = hostAt('api', place)
  if (parseTwilioHost(host) === undefined) {
    return [finding(sdk, 'fails', 'region_refused',
      `With TWILIO_REGION and TWILIO_EDGE as they are, ${NAMES[sdk]} asks for a host that is not one of Twilio's.`,
      ['unset TWILIO_REGION TWILIO_EDGE'])]
  }
  const { region, edge } = place
  if (region === undefined || edge !== undefined || !STOPPED.has(region)) return []
  const needed = STOPPED.get(region)
  return [finding(sdk, 'fails', 'region_without_edge',
    `TWILIO_REGION without TWILIO_EDGE makes ${host} of api.twilio.com: that host stopped on 2026-04-28.`,
    [needed === undefined ? 'unset TWILIO_REGION' : `export TWILIO_EDGE='${needed}'`])]
}

/**
 * What Node's SDK makes of the host in a base URL. It sets it through a URL, which refuses some: then the host stays.
 */
export function nodeHost (base: URL, { region, edge }: Place): string {
  const { hostname } = base
  const domain = hostname.split('.').slice(-2).join('.')
  const [product, ...labels] = (hostname.split(`.${domain}`)[0] ?? '').split('.')
  const own = labels.length > 1 ? { edge: labels[0], region: labels[1] } : { edge: undefined, region: labels[0] }
  const at = region ?? own.region ?? (edge === undefined ? undefined : 'us1')
  if (at === undefined) return hostname
  const url = new URL(base)
  url.hostname = joined([product, edge ?? own.edge, at, domain])
  return url.hostname
}

/** What Python's makes of it: of host and port, as one text. */
export function pythonHost (base: URL, { region, edge }: Place): string {
  if (region === undefined && edge === undefined) return base.host
  const pieces = base.host.split('.')
  const [, second, third] = pieces
  const own = pieces.length === 5
    ? { edge: second, region: third }
    : { edge: undefined, region: pieces.length === 4 ? second : undefined }
  return joined([pieces[0], edge ?? own.edge, region ?? own.region ?? 'us1', pieces.slice(-2).join('.')])
}

const joined = (labels: ReadonlyArray<string | undefined>): string =>
  labels.filter((label) => label !== undefined && label !== '').join('.')
