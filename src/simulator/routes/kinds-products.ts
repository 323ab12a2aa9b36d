import { echo, type Kind } from './kind.ts'

const verifyServices: Kind = {
  prefix: 'VA',
  make: ({ params }, { self }) => ({
    friendly_name: params['FriendlyName'] ?? 'Service',
    code_length: Number(params['CodeLength'] ?? 6),
    lookup_enabled: false,
    psd2_enabled: false,
    skip_sms_to_landlines: false,
    dtmf_input_required: true,
    tts_name: null,
    do_not_share_warning_enabled: false,
    custom_code_enabled: false,
    push: null,
    totp: null,
    default_template_sid: null,
    links: {
      verifications: `${self}/Verifications`,
      verification_checks: `${self}/VerificationCheck`,
      rate_limits: `${self}/RateLimits`
    }
  })
}

const verifications: Kind = {
  prefix: 'VE',
  strict: true,
  alias: (resource, name) => resource['to'] === name,
  make: ({ params }, { now, parents }) => ({
    service_sid: parents[0] ?? null,
    to: params['To'] ?? null,
    channel: params['Channel'] ?? 'sms',
    status: 'pending',
    valid: false,
    lookup: {},
    amount: null,
    payee: null,
    send_code_attempts: [{ attempt_sid: null, channel: params['Channel'] ?? 'sms', time: now }],
    sna: null
  })
}

const phoneNumbers: Kind = {
  prefix: 'PN',
  named: true,
  make: (_call, { parents }) => {
    const number = parents.at(-1) ?? ''
    const valid = /^\+[1-9]\d{6,14}$/.test(number)
    const north = valid && number.startsWith('+1')
    return {
      calling_country_code: valid ? (north ? '1' : number.slice(1, 3)) : null,
      country_code: north ? 'US' : null,
      phone_number: number,
      national_format: north ? `(${number.slice(2, 5)}) ${number.slice(5, 8)}-${number.slice(8)}` : number,
      valid,
      validation_errors: valid ? [] : ['INVALID_BUT_POSSIBLE'],
      caller_name: null,
      sim_swap: null,
      call_forwarding: null,
      line_status: null,
      line_type_intelligence: null,
      identity_match: null,
      reassigned_number: null,
      sms_pumping_risk: null
    }
  }
}

const tasks: Kind = {
  prefix: 'WT',
  strict: true,
  make: ({ params }, { self, now, parents }) => ({
    age: 0,
    assignment_status: 'pending',
    attributes: params['Attributes'] ?? '{}',
    addons: '{}',
    task_queue_entered_date: now,
    priority: Number(params['Priority'] ?? 0),
    reason: null,
    task_queue_sid: null,
    task_queue_friendly_name: null,
    task_channel_sid: null,
    task_channel_unique_name: params['TaskChannel'] ?? 'default',
    timeout: Number(params['Timeout'] ?? 86400),
    workflow_sid: params['WorkflowSid'] ?? null,
    workflow_friendly_name: null,
    workspace_sid: parents[0] ?? null,
    links: { task_queue: null, workflow: null, workspace: null, reservations: `${self}/Reservations` }
  })
}

const KNOWN: ReadonlyMap<string, Kind> = new Map([
  ['verify Services', verifyServices],
  ['verify Verifications', verifications],
  ['lookups PhoneNumbers', phoneNumbers],
  ['taskrouter Tasks', tasks]
])

/** How this product's collection of this name behaves; a name that is not known gets something plausible. */
export function kindOf (product: string, name: string): Kind {
  return KNOWN.get(`${product} ${name}`) ??
    { prefix: prefixOf(product, name), make: (call) => ({ friendly_name: null, ...echo(call) }) }
}

const PREFIXES: ReadonlyMap<string, string> = new Map(Object.entries({
  'messaging Services': 'MG',
  'chat Services': 'IS',
  'conversations Services': 'IS',
  'sync Services': 'IS',
  'proxy Services': 'KS',
  'serverless Services': 'ZS',
  'taskrouter Workspaces': 'WS',
  'taskrouter Workers': 'WK',
  'taskrouter TaskQueues': 'WQ',
  'taskrouter Workflows': 'WW',
  'conversations Conversations': 'CH',
  'studio Flows': 'FW',
  'api Conferences': 'CF',
  'api IncomingPhoneNumbers': 'PN',
  'api Applications': 'AP',
  'api Accounts': 'AC',
  'api Queues': 'QU'
}))

function prefixOf (product: string, name: string): string {
  const capitals = name.replace(/[^A-Z]/g, '')
  return PREFIXES.get(`${product} ${name}`) ?? (capitals.length > 1 ? capitals : `${name}XX`).slice(0, 2).toUpperCase()
}
