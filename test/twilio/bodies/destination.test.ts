import t from 'tap'
import { callingCode, destinationOf, longestPrefix } from '../../../src/twilio/bodies/destination.ts'

t.test('a number is read as Twilio reads it, however it was written', async (t) => {
  const cases: ReadonlyArray<readonly [string, string]> = [
    ['+447700900123', '+447700900123'],
    ['+44 (7700) 900-123', '+447700900123'],
    [' 447700900123', '+447700900123'],
    [' 12025', '+12025'],
    ['447700900123', '+447700900123'],
    ['00447700900123', '+447700900123'],
    ['011447700900123', '+447700900123'],
    ['whatsapp:+447700900123', 'whatsapp:+447700900123'],
    ['WhatsApp: 447700900123', 'whatsapp:+447700900123'],
    ['07700900123', '07700900123'],
    ['4155550123', '4155550123'],
    ['40404', '40404'],
    ['client:alice', 'client:alice'],
    ['sip:bob@example.com', 'sip:bob@example.com'],
    ['＋４４ 7700 900123', '+447700900123'],
    ['+44\u200b7700\u2011900123', '+447700900123'],
    ['++447700900123', '+447700900123'],
    ['+00447700900123', '+447700900123'],
    ['tel:+44-7700-900123', '+447700900123'],
    ['Jane.Doe@Example.com ', 'jane.doe@example.com'],
    ['', '']
  ]
  for (const [to, expected] of cases) t.equal(destinationOf(to), expected, to)
})

t.test('a calling code has one, two or three digits', async (t) => {
  const cases: ReadonlyArray<readonly [string, string]> = [
    ['+12125550123', '+1'], ['+79161234567', '+7'], ['+447700900123', '+44'], ['+4915112345678', '+49'], ['+99290123456', '+992'], ['+35312345678', '+353'],
    ['+8801712345678', '+880'], ['+8613800000000', '+86'], ['+2348012345678', '+234'], ['+201001234567', '+20'], ['+59170000000', '+591'],
    ['whatsapp:+447700900123', '+44'], ['client:alice', 'client'], ['sip:bob@example.com', 'sip'], ['4155550123', 'other'], ['+0123456', 'other'], ['x:y:z', 'other']
  ]
  for (const [destination, expected] of cases) t.equal(callingCode(destination), expected, destination)
})

t.test('the longest prefix counts, in whatever order, and * only where no other does', async (t) => {
  for (const prefixes of [['*', '+1', '+1900', 'whatsapp:'], ['whatsapp:', '+1900', '+1', '*']]) {
    t.equal(longestPrefix(prefixes, '+19005550123'), '+1900')
    t.equal(longestPrefix(prefixes, '+12125550123'), '+1')
    t.equal(longestPrefix(prefixes, 'whatsapp:+12125550123'), 'whatsapp:')
    t.equal(longestPrefix(prefixes, '+447700900123'), '*')
  }
  t.equal(longestPrefix(['+44'], '+19005550123'), undefined)
})

t.test('calling codes of two digits are those that ITU-T E.164 lists', async (t) => {
  const two = new Set([
    20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56, 57, 58,
    60, 61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98
  ])
  for (let first = 20; first < 100; first++) {
    const digits = `${first}5`
    const expected = digits.startsWith('7') ? '+7' : two.has(first) ? `+${first}` : `+${digits}`
    t.equal(callingCode(`+${digits}12345678`), expected, digits)
  }
})
