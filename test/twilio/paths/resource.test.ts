import t from 'tap'
import { ancestorsOf, resourceOf } from '../../../src/twilio/paths/resource.ts'

t.test('a resource is a path without its query, its suffix and a slash at its end, in one spelling', async (t) => {
  for (const [path, resource] of [
    ['/2010-04-01/Accounts/AC1/Messages.json?PageSize=1&x=a/b.json', '/2010-04-01/accounts/ac1/messages'],
    ['/2010-04-01/%41ccounts/AC1/messages/SM1.XML', '/2010-04-01/accounts/ac1/messages/sm1'],
    ['/2010-04-01/Accounts/AC1/Messages/SM1.json;x', '/2010-04-01/accounts/ac1/messages/sm1'],
    ['/v2/Services/VA1/', '/v2/services/va1'],
    ['/v2/PhoneNumbers/%2B15005550006?Fields=a%2Cb', '/v2/phonenumbers/+15005550006'],
    ['/v2/PhoneNumbers/%ZZ', '/v2/phonenumbers/%zz'],
    ['/', '']
  ] as const) t.equal(resourceOf(path), resource, path)
})

t.test('it lies below each path that it begins with, nearest first', async (t) => {
  t.same(ancestorsOf('/v2/Services/VA1/Entities'), ['/v2/Services/VA1', '/v2/Services', '/v2'])
  t.same(ancestorsOf('/v2'), [])
  t.same(ancestorsOf(''), [])
})
