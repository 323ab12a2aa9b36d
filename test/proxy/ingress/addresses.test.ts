import t from 'tap'
import { canonicalAddress, isLoopback, isPrivateAddress } from '../../../src/proxy/ingress/addresses.ts'

t.test('an address has one spelling, and what is none has none', async (t) => {
  for (const [text, address] of [
    ['255.0.0.1', '255.0.0.1'],
    ['256.0.0.1', undefined],
    ['010.0.0.1', undefined],
    ['1.2.3', undefined],
    ['1.2.3.4.5', undefined],
    ['[::1]', '0:0:0:0:0:0:0:1'],
    ['::ffff:10.0.0.5', '10.0.0.5'],
    ['::FFFF:0a00:0005', '10.0.0.5'],
    ['::fffe:10.0.0.5', '0:0:0:0:0:fffe:a00:5'],
    ['1::ffff:10.0.0.5', '1:0:0:0:0:ffff:a00:5'],
    ['fe80::1%eth0', 'fe80:0:0:0:0:0:0:1'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['1:2:3:4:5:6:7::8', undefined],
    ['1:2:3:4:5:6:7', undefined],
    ['1:2:3:4:5:6:7:8:9', undefined],
    ['1::2::3', undefined],
    ['12345::', undefined],
    ['::1.2.3.256', undefined],
    ['localhost', undefined]
  ] as const) t.equal(canonicalAddress(text), address, text)
})

t.test('loopback and private ranges end where the standards say', async (t) => {
  for (const [address, isPrivate] of [
    ['127.255.255.255', true], ['128.0.0.1', false], ['10.255.0.1', true], ['11.0.0.1', false],
    ['172.15.0.1', false], ['172.16.0.1', true], ['172.31.0.1', true], ['172.32.0.1', false], ['192.168.0.1', true], ['192.169.0.1', false],
    ['0:0:0:0:0:0:0:1', true], ['0:0:0:0:0:0:0:2', false], ['fbff:0:0:0:0:0:0:1', false], ['fc00:0:0:0:0:0:0:1', true],
    ['fdff:0:0:0:0:0:0:1', true], ['fe00:0:0:0:0:0:0:1', false]
  ] as const) t.equal(isPrivateAddress(address), isPrivate, address)
  for (const [text, is] of [['127.9.9.9', true], ['::ffff:127.0.0.1', true], ['::1', true], ['10.0.0.1', false], ['localhost', false]] as const) t.equal(isLoopback(text), is, text)
})
