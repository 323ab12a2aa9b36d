/** How long a body may be that is looked into, and what stands around its text. */
import t from 'tap'
import { readFields } from '../../../src/twilio/bodies/body-field.ts'

const FORM = 'application/x-www-form-urlencoded'
const JSON_TYPE = 'application/json'
const MULTIPART = 'multipart/form-data; boundary=b'
const FORM_MOST = 1024 * 1024
const JSON_MOST = 8 * 1024 * 1024

const valuesOf = (body: string, type: string): readonly string[] | undefined =>
  readFields(body, [type], false)?.values('To')

const padded = (start: string, end: string, length: number): string =>
  start + 'x'.repeat(length - start.length - end.length) + end

const part = (name: string, value: string): string =>
  `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`

t.test('a form is read up to a mebibyte', async (t) => {
  t.same(valuesOf(padded('To=1&Body=', '', FORM_MOST), FORM), ['1'])
  t.equal(valuesOf(padded('To=1&Body=', '', FORM_MOST + 1), FORM), undefined)
})

t.test('JSON is read up to 8 mebibytes', async (t) => {
  t.same(valuesOf(padded('{"To":"1","Body":"', '"}', JSON_MOST), JSON_TYPE), ['1'])
  t.equal(valuesOf(padded('{"To":"1","Body":"', '"}', JSON_MOST + 1), JSON_TYPE), undefined)
})

t.test('a body in parts is read up to 8 mebibytes, and up to 999 parts', async (t) => {
  const start = `${part('To', '1')}--b\r\nContent-Disposition: form-data; name="Body"\r\n\r\n`
  t.same(valuesOf(padded(start, '\r\n--b--', JSON_MOST), MULTIPART), ['1'])
  t.equal(valuesOf(padded(start, '\r\n--b--', JSON_MOST + 1), MULTIPART), undefined)
  const parts = (count: number): string => `${part('To', '1').repeat(count)}--b--`
  t.same(valuesOf(parts(999), MULTIPART), ['1'])
  t.equal(valuesOf(parts(1_000), MULTIPART), undefined)
  t.same(valuesOf(parts(1), MULTIPART), ['1'])
})

t.test('a value in parts is whole, and begins where its head has ended', async (t) => {
  const body = `preamble\r\n${part('To', '\r\n+1\r\n')}--b--\r\nepilogue`
  t.same(valuesOf(body, MULTIPART), ['\r\n+1\r\n'])
  t.equal(valuesOf(body.replace('--b--', '--b'), MULTIPART), undefined, 'its end is missing')
})

t.test('a byte order mark belongs to no format', async (t) => {
  t.same(valuesOf('\ufeff{"To":"1"}', JSON_TYPE), ['1'])
  t.same(valuesOf(`\ufeff${part('To', '1')}--b--`, MULTIPART), ['1'])
  t.same(readFields('\ufeff{"To":"1"}', [], false)?.values('To'), ['1'])
})

t.test('lists of a value are read however deep they lie', async (t) => {
  t.same(valuesOf('{"To":["1",["2",["3",["4"]]],true,5]}', JSON_TYPE), ['1', '2', '3', '4', 'true', '5'])
})

t.test('an alphabet is known with quotes, spaces and in any case', async (t) => {
  for (const charset of ['utf-8', '"UTF8"', '" latin1 "', 'ISO-8859-1', 'us-ascii', 'windows-1252']) {
    t.same(valuesOf('To=1', `${FORM}; charset = ${charset}`), ['1'], charset)
  }
  for (const charset of ['utf-16', '"utf-7"', 'utf-8-x']) {
    t.equal(valuesOf('To=1', `${FORM};charset=${charset}`), undefined, charset)
  }
})

t.test('what stands behind a semicolon counts where nothing else has its name', async (t) => {
  t.same(valuesOf('Body=a;To=1', FORM), ['1'])
  t.same(valuesOf('To=1;To=2', FORM), ['1;To=2'], 'the other is a part of it')
})
