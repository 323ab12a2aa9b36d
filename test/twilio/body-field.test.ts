import t from 'tap'
import { bodyField } from '../../src/twilio/body-field.ts'

const FORM = 'application/x-www-form-urlencoded;charset=utf-8'

t.test('a form', async (t) => {
  t.equal(bodyField('To=%2B1555&From=a+b&To=2', FORM, 'To'), '+1555', 'decoded, the first of several')
  t.equal(bodyField('To=%2B1555&From=a+b', FORM, 'From'), 'a b')
  t.equal(bodyField('To=1', FORM, 'Body'), undefined)
  t.equal(bodyField('To=1', undefined, 'To'), undefined, 'nobody says that it is a form')
})

t.test('JSON', async (t) => {
  const read = (body: string, name: string): string | undefined => bodyField(body, 'Application/JSON', name)
  t.equal(read('{"to":"+1","count":2,"flag":true}', 'to'), '+1')
  t.equal(read('{"count":2}', 'count'), '2')
  t.equal(read('{"flag":true}', 'flag'), 'true')
  for (const body of ['{"to":{}}', '{"to":null}', '[1]', 'null', '{', '']) t.equal(read(body, 'to'), undefined, body)
  t.equal(read('{}', 'constructor'), undefined)
})

t.test('what is too long, or neither, is not looked into', async (t) => {
  t.equal(bodyField(`To=${'1'.repeat(2_000_000)}`, FORM, 'To'), undefined)
  t.equal(bodyField('To=1', 'multipart/form-data; boundary=x', 'To'), undefined)
})
