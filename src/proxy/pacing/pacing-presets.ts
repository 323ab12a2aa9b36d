/**
 * Twilio's published figures, as pacing rules. Each names its source. No list can know what an account has been granted
 * in addition, or what Twilio changes. If Twilio does not say what a figure is counted for, it counts for the whole
 * account.
 */
import type { Rate, Reservoir } from '../../policy/counts/pace-schedule.ts'
import type { Match } from '../match.ts'

export interface PresetRule {
  readonly match: Match
  readonly pace: Rate | Reservoir
  readonly per?: { readonly route?: boolean, readonly segments?: number, readonly field?: string }
}

export interface Preset {
  /** What Twilio says, in a few words. */
  readonly figure: string
  readonly source: string
  readonly rules: readonly PresetRule[]
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const WRITES = ['POST', 'PUT', 'PATCH', 'DELETE']
const MESSAGES: Match = {
  products: ['api'],
  methods: ['POST'],
  routes: ['/2010-04-01/Accounts/{}/Messages', '/2010-04-01/Accounts/{}/Messages.json']
}
const SENDER = { field: 'From' }

const from = (...patterns: string[]): Match[] => patterns.map((From) => ({ ...MESSAGES, fields: { From } }))
const each = (matches: readonly Match[], pace: Rate, per: PresetRule['per'] = SENDER): PresetRule[] =>
  matches.map((match) => ({ match, pace, per }))
/** The forms of an object of Sync, with what is below it. */
const syncObjects = ['Documents', 'Maps', 'Lists'].map((kind) => `/v1/Services/{}/${kind}/{}*`)
const taskrouter = (list: string, parameter: string): Preset => ({
  figure: `3 requests a second with ${parameter}`,
  source: 'https://twilio.com/en-us/changelog/taskrouter-endpoint-rate-limit-correction',
  rules: [{
    match: { products: ['taskrouter'], methods: ['GET'], routes: [`/v1/Workspaces/{}/${list}`], query: [parameter] },
    pace: { perSecond: 3 }
  }]
})
const content = (methods: string[], routes: string[], perSecond: number): PresetRule[] =>
  [{ match: { products: ['content'], methods, routes }, pace: { perSecond }, per: { route: true } }]

export const PACING_PRESETS = {
  'verify-status': {
    figure: '60 reads of a verification\'s status a minute, 180 an hour, 250 a day',
    source: 'https://twilio.com/docs/verify/api/rate-limits-and-timeouts',
    rules: [[60, MINUTE_MS], [180, HOUR_MS], [250, 24 * HOUR_MS]].map(([starts = 0, intervalMs = 0]) => ({
      match: {
        products: ['verify'],
        methods: ['GET'],
        routes: ['/v2/Services/{}/Verifications/{}']
      },
      pace: { starts, intervalMs },
      per: { segments: 5 }
    }))
  },
  'taskrouter-tasks': taskrouter('Tasks', 'EvaluateTaskAttributes'),
  'taskrouter-workers': taskrouter('Workers', 'TargetWorkersExpression'),
  'taskrouter-queues': taskrouter('TaskQueues', 'EvaluateWorkerAttributes'),
  'proxy-service': {
    figure: '30 requests a second for each endpoint of a service, counted over 5 seconds',
    source: 'https://www.twilio.com/docs/proxy/proxy-limits',
    rules: [{
      match: { products: ['proxy'], routes: ['/v1/Services/{}*'] },
      pace: { starts: 150, intervalMs: 5_000 },
      per: { route: true, segments: 3 }
    }]
  },
  'conversations-conversation': {
    figure: '30 actions a second for each conversation',
    source: 'https://twilio.com/en-us/changelog/increasing-actions-per-second-for-conversations-',
    rules: [
      {
        match: { products: ['conversations'], methods: WRITES, routes: ['/v1/Conversations/{}*'] },
        pace: { perSecond: 30 },
        per: { segments: 3 }
      },
      {
        match: { products: ['conversations'], methods: WRITES, routes: ['/v1/Services/{}/Conversations/{}*'] },
        pace: { perSecond: 30 },
        per: { segments: 5 }
      }
    ]
  },
  'conversations-service': {
    figure: '30 conversations, users or roles a second made or deleted in each service',
    source: 'https://twilio.com/en-us/changelog/increasing-actions-per-second-for-conversations-',
    rules: ['Conversations', 'Users', 'Roles'].flatMap((kind) => ['', '/Services/{}'].flatMap((service) => ([
      {
        match: { products: ['conversations'], methods: ['POST'], routes: [`/v1${service}/${kind}`] },
        pace: { perSecond: 30 },
        per: service === '' ? {} : { segments: 3 }
      },
      {
        match: { products: ['conversations'], methods: ['DELETE'], routes: [`/v1${service}/${kind}/{}`] },
        pace: { perSecond: 30 },
        per: service === '' ? {} : { segments: 3 }
      }
    ])))
  },
  'sync-writes': {
    figure: '20 writes a second to each document, map or list with its items, over 10 seconds',
    source: 'https://www.twilio.com/docs/sync/limits.md',
    rules: [{
      match: { products: ['sync'], methods: WRITES, routes: syncObjects },
      pace: { starts: 200, intervalMs: 10_000 },
      per: { segments: 5 }
    }]
  },
  'sync-reads': {
    figure: '20 reads a second of each document, map or list with its items, over 10 seconds',
    source: 'https://www.twilio.com/docs/sync/limits.md',
    rules: [{
      match: { products: ['sync'], methods: ['GET'], routes: syncObjects },
      pace: { starts: 200, intervalMs: 10_000 },
      per: { segments: 5 }
    }]
  },
  'sync-streams': {
    figure: '30 messages a second to each stream, over 10 seconds',
    source: 'https://www.twilio.com/docs/sync/limits.md',
    rules: [{
      match: { products: ['sync'], methods: ['POST'], routes: ['/v1/Services/{}/Streams/{}/Messages'] },
      pace: { starts: 300, intervalMs: 10_000 },
      per: { segments: 5 }
    }]
  },
  'flex-interactions': {
    figure: '20 requests a second for each endpoint of the Interactions API',
    source: 'https://www.twilio.com/docs/api/errors/45780',
    rules: [{
      match: { products: ['flex-api'], routes: ['/v1/Interactions*'] },
      pace: { perSecond: 20 },
      per: { route: true }
    }]
  },
  'flex-webchat': {
    figure: '5 requests a second to the webchat orchestrator',
    source: 'https://www.twilio.com/docs/api/errors/45780',
    rules: [{ match: { products: ['flex-api'], methods: ['POST'], routes: ['/v2/WebChats'] }, pace: { perSecond: 5 } }]
  },
  'content-templates': {
    figure: '100 requests a second to each endpoint, 20 for lists and updates',
    source: 'https://www.twilio.com/en-us/changelog/content-api-rate-limits',
    rules: [
      ...content(['GET'], ['/v1/Content/{}', '/v1/Content/{}/ApprovalRequests'], 100),
      ...content(['POST'], ['/v1/Content', '/v1/Content/{}/ApprovalRequests/*'], 100),
      ...content(['DELETE'], ['/v1/Content/{}'], 100),
      ...content(
        ['GET'],
        ['/v1/Content', '/v2/Content', '/v1/ContentAndApprovals', '/v2/ContentAndApprovals', '/v1/LegacyContent'],
        20
      ),
      ...content(['POST', 'PUT'], ['/v1/Content/{}'], 20)
    ]
  },
  'messages-account': {
    figure: '2,000 messages a second accepted of an account',
    source: 'https://www.twilio.com/docs/api/errors/63017.md',
    rules: [{ match: MESSAGES, pace: { perSecond: 2_000 } }]
  },
  'sms-long-code': {
    figure: '1 segment a second from each long code; more is queued at Twilio',
    source: 'https://twilio.com/docs/api/errors/30001',
    rules: each(from('+*'), { perSecond: 1 })
  },
  'sms-toll-free': {
    figure: '3 segments a second from each toll-free number; more is queued at Twilio',
    source: 'https://twilio.com/docs/api/errors/30001',
    rules: each(from('+1800*', '+1833*', '+1844*', '+1855*', '+1866*', '+1877*', '+1888*'), { perSecond: 3 })
  },
  'sms-short-code': {
    figure: 'up to 100 segments a second from each short code; more is queued at Twilio',
    source: 'https://twilio.com/docs/api/errors/30001',
    rules: each(from('1*', '2*', '3*', '4*', '5*', '6*', '7*', '8*', '9*'), { perSecond: 100 })
  },
  'voice-calls': {
    figure: '1 call a second; more is queued at Twilio',
    source: 'https://twilio.com/docs/api/errors/22005',
    rules: [{
      match: {
        products: ['api'],
        methods: ['POST'],
        routes: ['/2010-04-01/Accounts/{}/Calls', '/2010-04-01/Accounts/{}/Calls.json']
      },
      pace: { perSecond: 1 }
    }]
  }
} as const satisfies Record<string, Preset>

export type PresetName = keyof typeof PACING_PRESETS
