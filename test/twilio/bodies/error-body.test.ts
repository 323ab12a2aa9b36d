import t from 'tap'
import { TWILIO_CODES, errorBody } from '../../../src/twilio/bodies/error-body.ts'

t.test('an error has the shape that Twilio\'s SDKs read', async t => {
  t.equal(errorBody(429, TWILIO_CODES.tooManyRequests, 'Too many "requests"'),
    '{"code":20429,"message":"Too many \\"requests\\"","more_info":"https://www.twilio.com/docs/errors/20429","status":429}')
})

t.test('the Node SDK reads every part of it', async t => {
  const { default: { default: RestException } } = await import('twilio/lib/base/RestException.js')
  const error = new RestException({ statusCode: 413, body: errorBody(413, TWILIO_CODES.bodyTooLarge, 'The body is too large.') })
  t.match(error, { status: 413, code: 20413, message: 'The body is too large.', moreInfo: 'https://www.twilio.com/docs/errors/20413' })
})
