import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import t from 'tap'
import { holds } from './holds.ts'
import { createHosts, KNOWN_HOSTS, labelOfHost, parseTwilioHost } from '../../src/twilio/hosts.ts'
import { PRODUCTS } from '../../src/twilio/products.ts'

t.test('every product has a host, with and without edge and region', async t => {
  for (const product of PRODUCTS) {
    for (const [place, region] of [['', undefined], ['.us1', 'us1'], ['.dublin.ie1', 'ie1'], ['.sao-paulo.br1', 'br1']]) {
      const host = `${product}${place}.twilio.com`
      t.strictSame(parseTwilioHost(host), { host, product, region }, host)
    }
  }
})

t.test('there are the 39 products of the newest SDK, one of older ones, and the 6 that are only documented', async t => {
  t.equal(new Set(PRODUCTS).size, 46)
  t.equal(PRODUCTS.length, 46)
})

t.test('what is generated from the Node SDK is not behind the one that is installed: npm run sdk', async t => {
  const script = fileURLToPath(new URL('../../tools/sdk.mjs', import.meta.url))
  t.equal(execFileSync(process.execPath, [script, '--check'], { encoding: 'utf8' }), '')
  t.match(parseTwilioHost('webhooks.twilio.com'), { product: 'webhooks' })
})

t.test('settings add labels, which are known everywhere, and names, which are known alone', async t => {
  const hosts = createHosts(['NewProduct', 'odd.a.b.c.Twilio.com', 'regional.us1.twilio.com', 'verify'])
  t.strictSame(hosts.parse('newproduct.twilio.com'), { host: 'newproduct.twilio.com', product: 'newproduct', region: undefined })
  t.strictSame(hosts.parse('NEWPRODUCT.dublin.ie1.twilio.com:443'), { host: 'newproduct.dublin.ie1.twilio.com', product: 'newproduct', region: 'ie1' })
  t.strictSame(hosts.ofProduct('newproduct'), { host: 'newproduct.twilio.com', product: 'newproduct', region: undefined })
  t.strictSame(hosts.parse('odd.a.b.c.twilio.com'), { host: 'odd.a.b.c.twilio.com', product: 'odd', region: undefined })
  t.strictSame(hosts.ofProduct('regional'), { host: 'regional.us1.twilio.com', product: 'regional', region: 'us1' })
  for (const name of ['odd.twilio.com', 'regional.twilio.com', 'regional.ie1.twilio.com', 'other.twilio.com', 'newproduct.twilio.com.evil.example']) t.equal(hosts.parse(name), undefined, name)
  t.strictSame(hosts.ofProduct('verify'), KNOWN_HOSTS.ofProduct('verify'))
  t.ok(hosts.products.has('newproduct') && hosts.products.has('regional') && hosts.products.has('api'))
})

t.test('the label of a host that may be Twilio\'s can be told, and of no other', async t => {
  t.strictSame(['new.twilio.com', 'New.dublin.ie1.twilio.com:443', 'evil.example', 'twilio.com', 'a.b.c.d.twilio.com', 'x@new.twilio.com'].map(labelOfHost),
    ['new', 'new', undefined, undefined, undefined, undefined])
})

t.test('case, a usual port and the dot of an absolute name make no difference', async t => {
  const api = { host: 'api.twilio.com', product: 'api', region: undefined }
  for (const name of ['api.twilio.com', 'API.Twilio.COM', 'api.twilio.com:443', 'api.twilio.com:80', 'api.twilio.com.', 'api.twilio.com.:443']) {
    t.strictSame(parseTwilioHost(name), api, name)
    t.strictSame(parseTwilioHost(name), api, `${name} again`)
  }
})

t.test('whatever only looks like a Twilio host is refused', async t => {
  const names = [
    '', '.', 'twilio.com', '.twilio.com', 'www.twilio.com', 'evil-api.twilio.com', 'evilapi.twilio.com', 'api.twilio.com.evil.example',
    'api.twilio.comevil.example', 'api-twilio.com', 'apitwilio.com', 'api..twilio.com', 'api.twilio..com', '..api.twilio.com',
    'api.twilio.com..', 'api.twilio.com:8443', 'api.twilio.com:', 'api.twilio.com:443:443', 'api.twilio.com:0443',
    'user@api.twilio.com', 'api.twilio.com@evil.example', 'api.twilio.com:443@evil.example', '%61pi.twilio.com', 'api%2etwilio.com', ' api.twilio.com',
    'api.twilio.com ', 'api.twilio.com\n', 'api.twilio.com\0.evil.example', 'api.twilio.com/evil', 'api.twilio.com#', 'ap\u0131.twilio.com',
    'tas\u212Arouter.twilio.com', 'api.tw\u0456lio.com', 'api\u3002twilio.com', 'api.dublin.twilio.com', 'api.x.dublin.ie1.twilio.com',
    'api.ie1.dublin.twilio.com', 'api.-x.ie1.twilio.com', 'api.x-.ie1.twilio.com', 'twilio.com.api', 'api.dublin.ie1.api.twilio.com', '[::1]', `${'a'.repeat(5000)}.twilio.com`
  ]
  for (const name of names) t.equal(parseTwilioHost(name), undefined, JSON.stringify(name).slice(0, 60))
})

t.test('no text makes it throw, and what it accepts is a host of twilio.com', async t => {
  const label = fc.oneof(fc.constantFrom(...PRODUCTS, 'twilio', 'com', 'ie1', 'dublin', 'evil', ''), fc.string({ maxLength: 5, unit: 'binary' }))
  const name = fc.oneof(fc.string(), fc.array(label, { maxLength: 6 }).map((labels) => labels.join('.')))
  holds(t, fc.property(name, (text) => {
    const found = parseTwilioHost(text)
    return found === undefined || (/^[a-z0-9.-]+\.twilio\.com$/.test(found.host) && PRODUCTS.includes(found.product) && found.host.startsWith(`${found.product}.`))
  }))
})

t.test('a product stands for its host, and media for the only region it has', async t => {
  t.strictSame(KNOWN_HOSTS.ofProduct('flex-api'), { host: 'flex-api.twilio.com', product: 'flex-api', region: undefined })
  t.strictSame(KNOWN_HOSTS.ofProduct('mcs'), { host: 'mcs.us1.twilio.com', product: 'mcs', region: 'us1' })
  for (const name of ['', 'Verify', '2010-04-01', '__proto__', 'constructor']) t.equal(KNOWN_HOSTS.ofProduct(name), undefined, name)
})
