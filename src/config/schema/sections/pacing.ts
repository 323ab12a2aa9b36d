import type { PresetName } from '../../../proxy/pacing/pacing-presets.ts'
import { match } from '../match.ts'
import { section, shape } from '../section.ts'
import { openHours } from '../open-hours.ts'

export const PRESET_NAMES = [
  'verify-status', 'taskrouter-tasks', 'taskrouter-workers', 'taskrouter-queues', 'proxy-service', 'conversations-conversation',
  'conversations-service', 'sync-writes', 'sync-reads', 'sync-streams', 'flex-interactions', 'flex-webchat', 'content-templates',
  'messages-account', 'sms-long-code', 'sms-toll-free', 'sms-short-code', 'voice-calls'
] as const satisfies readonly PresetName[]

const RULE_NAME = {
  pattern: '^[a-z0-9][a-z0-9-]{0,63}$',
  patternErrorMessage: 'must be a name of lower-case letters, digits and hyphens'
} as const

export const pacingRule = shape('A rule gives the requests that it matches a pace (perSecond, or starts with intervalMs), open hours, or both.', {
  match,
  perSecond: {
    type: 'number',
    minimum: 0.01,
    maximum: 10000,
    description: 'Starts a second in the long run, spread evenly.'
  },
  burst: {
    type: 'integer',
    minimum: 1,
    maximum: 10000,
    description: 'Most starts in any second, at least perSecond. If left out: perSecond. After a pause, this many requests may start at once.'
  },
  starts: {
    type: 'integer',
    minimum: 1,
    maximum: 100000,
    description: 'Most starts in any span of intervalMs, as fast as they arrive.'
  },
  intervalMs: {
    type: 'integer',
    minimum: 100,
    maximum: 604800000,
    description: 'Milliseconds over which the proxy counts starts.'
  },
  openHours,
  defer: {
    type: 'boolean',
    description: 'Whether the proxy stores a DELETE that says Prefer: respond-async in deferral.file until the rule opens. Without it, the proxy sheds the DELETE.'
  },
  per: shape('What has a pace of its own, in addition to accounts.', {
    route: { type: 'boolean', description: 'Each route by itself.' },
    caller: { type: 'boolean', description: 'Each caller by itself.' },
    segments: {
      type: 'integer',
      minimum: 1,
      maximum: 15,
      description: 'This many segments of the path, from its start. For /v1/Services/IS…/Documents, 3 means each service by itself.'
    },
    field: {
      type: 'string',
      pattern: '^[A-Za-z0-9_.]{1,64}$',
      patternErrorMessage: 'must be the name of a field, such as From',
      description: 'Each value of a field of the body, such as From. The proxy holds only keyed hashes of the values.'
    }
  })
}, 'match')

export const pacing = section('Rules for how fast requests may start, or at which hours. Every rule that matches a request applies to it.', {
  presets: {
    type: 'array',
    items: { type: 'string', enum: PRESET_NAMES, patternErrorMessage: 'must be the name of a preset' },
    default: [],
    examples: [['taskrouter-tasks', 'sync-writes']],
    description: 'Names of ready rules with figures that Twilio has published. docs/pacing.md lists them with their sources.'
  },
  rules: {
    type: 'object',
    patternProperties: { [RULE_NAME.pattern]: pacingRule },
    default: {},
    additionalProperties: false,
    propertyNames: RULE_NAME,
    examples: [{ 'slow-deletes': { match: { methods: ['DELETE'] }, perSecond: 5 } }],
    description: 'Rules of your own, by name. Metrics and /state show the name.'
  }
})
