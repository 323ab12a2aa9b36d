import type { Call } from './call.ts'
import type { Kind } from './kind.ts'
import { missing, type Refusal } from '../model/answers/errors.ts'

/** The first parameter that is missing: each entry names the alternatives and Twilio's code. */
function required (
  call: Call,
  ...wanted: ReadonlyArray<readonly [code: number, ...names: string[]]>
): Refusal | undefined {
  const lacking = wanted.find(([, ...names]) => names.every((name) => (call.params[name] ?? '') === ''))
  return lacking === undefined ? undefined : missing(lacking[1] ?? '', lacking[0])
}

export const messages: Kind = {
  prefix: 'SM',
  strict: true,
  refuse: (call) => required(call,
    [21604, 'To'], [21603, 'From', 'MessagingServiceSid'], [21602, 'Body', 'MediaUrl', 'ContentSid']),
  make: ({ params }, { self }) => ({
    body: params['Body'] ?? '',
    num_segments: String(segments(params['Body'] ?? '')),
    direction: 'outbound-api',
    from: params['From'] ?? null,
    to: params['To'] ?? null,
    price: null,
    error_message: null,
    num_media: params['MediaUrl'] === undefined ? '0' : '1',
    status: params['MessagingServiceSid'] === undefined ? 'queued' : 'accepted',
    messaging_service_sid: params['MessagingServiceSid'] ?? null,
    date_sent: null,
    error_code: null,
    price_unit: 'USD',
    api_version: '2010-04-01',
    subresource_uris: { media: `${self}/Media.json` }
  })
}

// GSM 03.38 fits 160 characters, or 153 in each of several; anything else is sent as UCS-2.
function segments (body: string): number {
  const [single, part] = /^[\x20-\x7e\n\r]*$/.test(body) ? [160, 153] : [70, 67]
  return body.length <= single ? 1 : Math.ceil(body.length / part)
}

export const calls: Kind = {
  prefix: 'CA',
  strict: true,
  refuse: (call) => required(call, [21201, 'To'], [21213, 'From'], [21205, 'Url', 'Twiml', 'ApplicationSid']),
  make: ({ params }, { self }) => ({
    parent_call_sid: null,
    to: params['To'] ?? null,
    to_formatted: params['To'] ?? null,
    from: params['From'] ?? null,
    from_formatted: params['From'] ?? null,
    phone_number_sid: null,
    status: 'queued',
    start_time: null,
    end_time: null,
    duration: null,
    price: null,
    price_unit: 'USD',
    direction: 'outbound-api',
    answered_by: null,
    api_version: '2010-04-01',
    forwarded_from: null,
    group_sid: null,
    caller_name: null,
    queue_time: '0',
    trunk_sid: null,
    subresource_uris: Object.fromEntries(
      ['notifications', 'recordings', 'streams', 'payments', 'siprec', 'transcriptions', 'events']
        .map((name) => [name, `${self}/${name.charAt(0).toUpperCase()}${name.slice(1)}.json`]))
  })
}

export const recordings: Kind = {
  prefix: 'RE',
  strict: true,
  make: ({ params, host }, { self, now, parents }) => ({
    api_version: '2010-04-01',
    call_sid: parents.find((sid) => sid.startsWith('CA')) ?? null,
    conference_sid: parents.find((sid) => sid.startsWith('CF')) ?? null,
    start_time: now,
    duration: '12',
    price: null,
    price_unit: 'USD',
    status: 'completed',
    channels: params['RecordingChannels'] === 'dual' ? 2 : 1,
    source: 'StartCallRecordingAPI',
    error_code: null,
    encryption_details: null,
    subresource_uris: { add_on_results: `${self}/AddOnResults.json`, transcriptions: `${self}/Transcriptions.json` },
    media_url: `https://${host}${self}`
  })
}
