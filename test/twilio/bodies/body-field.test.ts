import t from 'tap'
import { readFields } from '../../../src/twilio/bodies/body-field.ts'

const FORM = 'application/x-www-form-urlencoded'

const read = (body: string, ...types: string[]): ReturnType<typeof readFields> => readFields(body, types, false)
const values = (body: string, type: string, name: string): readonly string[] | undefined => read(body, type)?.values(name)

t.test('a form has all values of a field, by whatever spelling of its name', async (t) => {
  t.same(values('To=%2B1555&From=a+b&To=2', FORM, 'To'), ['+1555', '2'])
  t.same(values('To=%2B1555&From=a+b', 'APPLICATION/x-www-form-urlencoded ; charset=UTF-8', 'From'), ['a b'])
  for (const name of ['To', 'to', 'TO', '%54o', 'T%6F', 'To[]', 'To%5B%5D', 'To[0]', '+To', 'To+', '\ufeffTo']) t.same(values(`${name}=1`, FORM, 'To'), ['1'], name)
  t.same(values('Body=x;To=1', FORM, 'To'), ['1'], 'to a server that separates by semicolons, too')
  t.same(values('To=1;x&Body=y', FORM, 'To'), ['1;x'])
  t.same(values('To=1&To=1', FORM, 'To'), ['1'])
  t.same(values('Too=1&T=2', FORM, 'To'), [])
  t.same(values('To=%ff%2B1', FORM, 'To'), ['ÿ+1'])
  t.same(read('To=1')?.values('To'), ['1'], 'nobody says what it is')
})

t.test('JSON', async (t) => {
  const json = (body: string, name: string): readonly string[] | undefined => values(body, 'Application/JSON', name)
  t.same(json('{"to":"+1","count":2,"flag":true}', 'To'), ['+1'])
  t.same(json('{"count":2}', 'count'), ['2'])
  t.same(json('{"flag":true,"x":"a:b, \\"c\\": d"}', 'flag'), ['true'])
  t.same(json('{"To":["+1",["+2"],{"x":"+3"}]}', 'To'), ['+1', '+2'])
  t.same(json('{"T\\u006f":"+1"}', 'To'), ['+1'])
  t.same(values('{"To":"+1"}', 'application/scim+json', 'To'), ['+1'])
  t.same(read(' {"To":"+1"}')?.values('To'), ['+1'], 'nobody says what it is')
  t.same(read('{"to":[{"address":"+1"}]}', 'application/json')?.whole('To'), [[{ address: '+1' }]])
  for (const body of ['{"to":{}}', '{"to":null}', '[1]', 'null', '{}']) t.same(json(body, 'to'), [], body)
  t.same(json('{}', 'constructor'), [])
})

t.test('a form in parts', async (t) => {
  const part = (head: string, value: string): string => `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`
  const parts = (...all: string[]): string => `${all.join('')}--b--\r\n`
  const type = 'multipart/form-data; boundary=b'
  t.same(values(parts(part('name="To"', '+1'), part('name=Body', 'a\r\nb')), type, 'To'), ['+1'])
  t.same(values(parts(part('name="To"', '+1'), part('name=Body', 'a\r\nb')), 'Multipart/Form-Data; charset=utf-8; boundary="b"', 'Body'), ['a\r\nb'])
  t.same(values(parts(part('name="file"; filename="To"', '+1')), type, 'file'), [], 'a file')
  for (const body of ['To=1', part('name="To"', '+1'), parts(part('', '+1')), parts(part('name="To"; name="From"', '+1')), parts(part('name="To"\r\nContent-Transfer-Encoding: base64', 'KzE=')), '--b\r\nno head\r\n--b--']) {
    t.equal(read(body, type), undefined, JSON.stringify(body))
  }
  t.equal(read('x', 'multipart/form-data'), undefined, 'no boundary')
})

t.test('what nobody can be sure of is not read', async (t) => {
  t.equal(readFields('To=1', [FORM], true), undefined, 'packed')
  t.equal(read('To=1', FORM, 'application/json'), undefined, 'two types')
  for (const type of ['text/plain', 'application/x-www-form-urlencodedx', 'application/octet-stream', 'multipart/mixed; boundary=x', `${FORM}; charset=utf-16`]) t.equal(read('To=1', type), undefined, type)
  t.equal(read('T\0o\0=\x001\0', FORM), undefined)
  t.equal(read(`To=${'1'.repeat(2_000_000)}`, FORM), undefined)
  for (const body of ['{', '{"To":"","To":"+1"}', '{"a":{"x":1,"x":2}}', '['.repeat(200_000)]) t.equal(read(body, 'application/json'), undefined, body.slice(0, 30))
  t.same(read('', 'text/plain')?.values('To'), [], 'nothing to read')
})
