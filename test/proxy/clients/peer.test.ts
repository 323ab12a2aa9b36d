import t from 'tap'
import { peerAddress } from '../../../src/proxy/clients/peer.ts'

t.test('a peer is an IPv4 address, or the network of an IPv6 address', (t) => {
  const rows: Array<[string | undefined, string]> = [
    ['10.0.0.9', '10.0.0.9'],
    ['::ffff:10.0.0.9', '10.0.0.9'],
    ['2001:db8:1:2:a:b:c:d', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '::1'],
    ['::1%lo', '::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['1::1', '1:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['2001:db8:1:3::1', '2001:db8:1:3::/64'],
    [undefined, 'unknown']
  ]
  for (const [address, peer] of rows) t.equal(peerAddress(address), peer)
  t.end()
})
