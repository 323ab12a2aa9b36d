import t from 'tap'
import { canonicalText, type Canonical } from '../../../src/simulator/model/answers/canonical.ts'

const text = (over: Partial<Canonical> = {}): string => canonicalText({
  method: 'post',
  path: '/2010-04-01/Accounts/AC1/Messages.json',
  query: '',
  headers: [['authorization', 'Basic abc'], ['host', 'api.twilio.com']],
  bodyHash: 'b0d9',
  ...over
})
const line = (number: number, over: Partial<Canonical>): string | undefined => text(over).split('\n')[number]

t.test('a request is method, path, query, headers, their names and the hash of the body, a line each', async (t) => {
  t.equal(text(), 'POST\n/2010-04-01/Accounts/AC1/Messages.json\n\nauthorization:Basic abc\nhost:api.twilio.com\n\nauthorization;host\nb0d9')
  t.ok(text({ bodyHash: '' }).endsWith('\nauthorization;host\n'), 'without a body its line is empty')
})

t.test('the query is sorted, whole pairs', async (t) => {
  t.equal(line(2, { query: 'PageSize=2&Page=1&From=%2B1555' }), 'From=%2B1555&Page=1&PageSize=2')
  t.equal(line(2, { query: 'b=2&b=1&a' }), 'a=&b=1&b=2')
  t.equal(line(2, { query: 'Token=a=b' }), 'Token=a%3Db')
})

t.test('however it was encoded, it comes out the same', async (t) => {
  for (const query of ["a=x y*~'", 'a=x+y%2a%7e%27', "a=x%20y%2A~'"]) t.equal(line(2, { query }), 'a=x%20y%2A~%27')
  t.equal(line(1, { path: '//v1/Services//a%20b/' }), '/v1/Services/a%20b/')
  t.equal(line(1, { path: '/v1/100%' }), '/v1/100%25', 'and what is not encoded at all is taken as it is')
})

t.test('a host loses the port that goes without saying', async (t) => {
  const host = (value: string): string | undefined => line(3, { headers: [['host', value]] })
  t.same(['api.twilio.com:443', 'api.twilio.com:80', '127.0.0.1:8080'].map(host), ['host:api.twilio.com', 'host:api.twilio.com', 'host:127.0.0.1:8080'])
})
