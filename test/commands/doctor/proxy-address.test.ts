import t from 'tap'
import { proxyAddress } from '../../../src/commands/doctor/facts.ts'

t.test('nothing of a user or a password is in the address of a proxy, whatever is in them', async (t) => {
  for (const credential of ['user:secret', 'user', ':secret', 'user:s@cret', 'us@er:p@ss@secret', 'user:secret:secret', 'user%40secret:p%40secret', 'user:sec?ret', 'user:sec#ret', 'user:sec/ret', 'user:@secret']) {
    for (const scheme of ['http://', '', 'https://', 'socks5://']) {
      const address = proxyAddress(`${scheme}${credential}@127.0.0.1:8080`)
      t.notMatch(JSON.stringify(address), /sec|ret|user|p@ss|@|%40/, `${scheme}${credential}`)
      if (/^[\w:@]*$/.test(credential) && !/https|socks/.test(scheme)) t.match(address, { origin: 'http://127.0.0.1:8080' }, `${scheme}${credential}`)
    }
  }
})
