import t from 'tap'
import { callingCode, destinationOf, longestPrefix } from '../../../src/twilio/bodies/destination.ts'

t.test('a number has three digits at least', async (t) => {
  t.equal(callingCode('+447'), '+44')
  t.equal(callingCode('+44'), 'other')
})

t.test('eleven to fifteen digits lack nothing but their plus', async (t) => {
  const digits = '447700900123456'
  for (const length of [11, 12, 15]) t.equal(destinationOf(digits.slice(0, length)), `+${digits.slice(0, length)}`)
  t.equal(destinationOf(digits.slice(0, 10)), digits.slice(0, 10))
  t.equal(destinationOf(`${digits}7`), `${digits}7`)
})

t.test('a channel is a word of 2 to 20 letters', async (t) => {
  const word = (length: number): string => 'a'.repeat(length)
  for (const [length, expected] of [[1, 'other'], [2, word(2)], [20, word(20)], [21, 'other']] as const) {
    t.equal(callingCode(`${word(length)}:x`), expected, `${length}`)
  }
  t.equal(callingCode(':x'), 'other')
})

t.test('an address of mail has no case; a name behind a channel keeps its own', async (t) => {
  t.equal(destinationOf(' Jane@Example.com '), 'jane@example.com')
  t.equal(destinationOf('Client: Alice '), 'client:Alice')
  t.equal(destinationOf('SIP:Bob@Example.com'), 'sip:Bob@Example.com')
  t.equal(destinationOf('Sms:+44 7700 900123'), '+447700900123')
})

t.test('of prefixes that fit the longest counts, wherever it stands, and * counts last', async (t) => {
  const orders = [['+44', '+447', '*'], ['+447', '*', '+44'], ['*', '+44', '+447']]
  for (const prefixes of orders) {
    t.equal(longestPrefix(prefixes, '+447700900123'), '+447')
    t.equal(longestPrefix(prefixes, '+12025550123'), '*')
  }
  t.equal(longestPrefix(['+44'], '+12025550123'), undefined)
})
