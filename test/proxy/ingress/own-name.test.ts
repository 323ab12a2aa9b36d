import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../twilio/holds.ts'
import { isOwnName } from '../../../src/proxy/ingress/own-name.ts'

const NONE: ReadonlySet<string> = new Set()

t.test('names and addresses that only somebody near can use are ours', async t => {
  const names = [
    'localhost', 'LOCALHOST', 'localhost.', 'app.localhost', '127.0.0.1', '127.255.255.254', '10.0.0.1', '10.255.255.255', '172.16.0.1',
    '172.31.255.255', '192.168.0.1', '[::1]', '::1', '0:0:0:0:0:0:0:1', '[0:0::0:1]', '[fc00::1]', '[fdff:ffff::1]', 'fd12:3456::', '[::ffff:127.0.0.1]',
    '::ffff:10.1.2.3', '[::ffff:7f00:1]', '[::FFFF:192.168.1.1]', 'governor', 'twilio_governor', 'my-proxy-1', 'governor.local', 'governor.internal',
    'governor.default.svc', 'governor.default.svc.cluster.local', 'governor.default.svc.cluster.local.'
  ]
  for (const name of names) t.ok(isOwnName(name, NONE, undefined), name)
})

t.test('public names and addresses, and odd spellings of private ones, are not ours', async t => {
  const names = [
    '', '.', '..', 'evil.example', 'api.twilio.com', 'localhost.evil.example', '127.0.0.1.evil.example', '127.0.0.1.nip.io', 'notlocalhost.com', 'xlocal.com',
    '8.8.8.8', '126.255.255.255', '128.0.0.1', '11.0.0.1', '172.15.255.255', '172.32.0.1', '192.167.0.1', '192.169.0.1', '169.254.169.254', '0.0.0.0', '100.64.0.1',
    '127.1', '010.0.0.1', '127.0.0.01', '127.0.0.256', '127.0.0', '127.0.0.1.1', '2130706433', '0x7f000001', '0x7f.0.0.1', '[::]', '[::2]', '[fe80::1]',
    '[fbff::1]', '[fe00::1]', '[2001:db8::1]', '[::ffff:8.8.8.8]', '[::ffff:808:808]', '[::ffff:127.1]', '[1::2::3]', '[::1', '::1]', '[1:2:3:4:5:6:7:8:9]', '[1:2:3:4:5:6:7::8]',
    '[::10000]', '[127.0.0.1]', '[]', '[:]', '[localhost]', '.local', 'a..local', 'a b', 'a b.local', 'user@localhost', 'localhost/x', 'localhost:80',
    'evil.example\0.local', 'ⓛocalhost', 'a'.repeat(64), `${'a.'.repeat(200)}local`
  ]
  for (const name of names) t.notOk(isOwnName(name, NONE, undefined), JSON.stringify(name).slice(0, 60))
})

t.test('configured names are ours in any case', async t => {
  const extra = new Set(['proxy.example.com', '203.0.113.5'])
  for (const name of ['proxy.example.com', 'Proxy.Example.com', 'proxy.example.com.', '203.0.113.5']) t.ok(isOwnName(name, extra, undefined), name)
  for (const name of ['example.com', 'a.proxy.example.com', '203.0.113.6']) t.notOk(isOwnName(name, extra, undefined), name)
})

t.test('the address that the client reached is ours, however it is spelled', async t => {
  const pairs = [['203.0.113.5', '203.0.113.5'], ['203.0.113.5', '::ffff:203.0.113.5'], ['[::ffff:203.0.113.5]', '203.0.113.5'], ['[2001:DB8::5]', '2001:db8:0:0:0:0:0:5'], ['[fe80::1]', 'fe80::1%eth0']]
  for (const [name, address] of pairs) t.ok(isOwnName(name!, NONE, address), `${name} at ${address}`)
  t.notOk(isOwnName('203.0.113.6', NONE, '203.0.113.5'))
  t.notOk(isOwnName('evil.example', NONE, 'evil.example'), 'a name is never a socket address')
})

t.test('no text makes it throw, and no public IPv4 address passes', async t => {
  holds(t, fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.ipV6(), fc.webAuthority()), (text) => typeof isOwnName(text, NONE, text) === 'boolean'))
  holds(t, fc.property(fc.ipV4(), (address) => {
    const [a = 0, b = 0] = address.split('.').map(Number)
    const expected = a === 10 || a === 127 || (a === 192 && b === 168) || (a === 172 && b > 15 && b < 32)
    return isOwnName(address, NONE, undefined) === expected && isOwnName(`[::ffff:${address}]`, NONE, undefined) === expected
  }))
})

t.test('long names, names with their root dot in the settings, and a number without digits', async (t) => {
  t.ok(isOwnName(`${'a'.repeat(63)}.${'b'.repeat(63)}.local`, NONE, undefined))
  t.ok(isOwnName('Rooted.example.', new Set(['rooted.example.']), undefined))
  t.notOk(isOwnName('0x', NONE, undefined))
})
