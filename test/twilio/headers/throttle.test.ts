import fc from 'fast-check'
import t from 'tap'
import { holds } from '../holds.ts'
import { classifyThrottle, type ThrottleKind } from '../../../src/twilio/headers/throttle.ts'

/** Every shape in which Twilio writes an error. */
const shapes: Array<[string, string, (code: number) => string]> = [
  ['classic', 'application/json', (code) => JSON.stringify({ code, message: 'Too many requests', more_info: `https://www.twilio.com/docs/errors/${code}`, status: 429 })],
  ['camelCase', 'application/json; charset=utf-8', (code) => JSON.stringify({ status: 429, message: 'x', detail: 'y', code, moreInfo: 'z' })],
  ['RFC 9457', 'application/problem+json', (code) => JSON.stringify({ type: 'https://x', title: 'Too Many Requests', status: 429, detail: 'd', instance: 'i', code, errors: [{ detail: 'x' }] })],
  ['comms', 'application/json', (code) => JSON.stringify({ errors: [{ code, message: 'm', infoUrl: 'u' }, { code: 11111 }] })],
  ['code as text', 'application/json', (code) => ` \n{"code": "${code}"}`],
  ['XML', 'application/xml', (code) => `<?xml version="1.0"?>\n<TwilioResponse><RestException><Code>${code}</Code><Message>m</Message><Status>429</Status></RestException></TwilioResponse>`],
  ['XML, spaced', 'text/xml', (code) => `<TwilioResponse>\n<Code> ${code} </Code>`]
]

t.test('codes are told apart in every shape', async t => {
  const kinds: Array<[ThrottleKind, number[]]> = [
    ['account', [20429]],
    ['route', [45010, 45719, 45780, 25021, 59004, 60616, 54009, 50063, 50074, 20003]],
    ['final', [60202, 60203, 60212, 60308, 60309, 60310, 60312, 60326]]
  ]
  for (const [kind, codes] of kinds) {
    for (const code of codes) {
      for (const [shape, contentType, body] of shapes) {
        t.strictSame(classifyThrottle(body(code), contentType), { kind, code }, `${code} ${shape}`)
        t.strictSame(classifyThrottle(body(code), undefined), { kind, code }, `${code} ${shape} without a content type`)
      }
    }
  }
})

t.test('a body without a code of Twilio\'s is left to the limiter', async t => {
  const bodies = [
    '', ' ', 'null', '{}', '[]', '[{"code":60202}]', '{"code":null}', '{"code":429}', '{"code":60202.5}', '{"code":1e300}', '{"code":{"code":60202}}', '{"errors":{}}', '{"errors":[]}',
    '{"errors":[null]}', '{"code": 60202, "mess', '{"__proto__":{"code":60202}}', '{"message":"60202"}', '60202', '"60202"', 'Too many requests 60202', '<Code>x</Code>', '<Code>429</Code>',
    '<Code>60202', '<html><body>429 Too Many Requests</body></html>', `{"code":60202,"pad":"${'x'.repeat(70_000)}"}`, `<a>${'x'.repeat(70_000)}<Code>60202</Code>`, '\0\0', '\ufeff'
  ]
  for (const body of bodies) {
    for (const contentType of ['application/json', 'application/xml', undefined]) t.strictSame(classifyThrottle(body, contentType), { kind: 'account', code: undefined }, JSON.stringify(body.slice(0, 40)))
  }
  t.strictSame(classifyThrottle('<html><Code>60202</Code></html>', 'Text/HTML; charset=utf-8'), { kind: 'account', code: undefined })
})

t.test('no body makes it throw', async t => {
  holds(t, fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.json().map((json) => json.slice(0, -1)), fc.string().map((s) => `<Code>${s}</Code>`)), fc.option(fc.string(), { nil: undefined }),
    (body, contentType) => ['account', 'route', 'final'].includes(classifyThrottle(body, contentType).kind)))
})
