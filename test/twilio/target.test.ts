import fc from 'fast-check'
import t from 'tap'
import { holds } from './holds.ts'
import { createHosts } from '../../src/twilio/hosts.ts'
import { PRODUCTS } from '../../src/twilio/products.ts'
import { resolveTarget } from '../../src/twilio/target.ts'

const ours = (host: string): boolean => ['localhost', '127.0.0.1', '[::1]', 'governor'].includes(host)

/** Host, path and origin in one line, or the refusal. */
function brief (hostHeader: string | undefined, url: string): string {
  const target = resolveTarget(hostHeader, url, ours)
  return target.ok ? `${target.via} ${target.upstream.host} ${target.path}` : target.message
}

t.test('the host is found in the URL, the Host header, the path, or is api.twilio.com', async t => {
  const cases: Array<[string | undefined, string, string]> = [
    ['api.twilio.com', '/2010-04-01/Accounts.json', 'host api.twilio.com /2010-04-01/Accounts.json'],
    ['VERIFY.twilio.com:443', '/v2/Services?a=1', 'host verify.twilio.com /v2/Services?a=1'],
    ['api.twilio.com:8080', '/x', 'host api.twilio.com /x'],
    ['api.dublin.ie1.twilio.com', '/x', 'host api.dublin.ie1.twilio.com /x'],
    ['verify.twilio.com', '/lookups.twilio.com/v2', 'host verify.twilio.com /lookups.twilio.com/v2'],
    ['localhost:8080', '/verify.twilio.com/v2/Services', 'path_host verify.twilio.com /v2/Services'],
    ['localhost', '/api.sydney.au1.twilio.com/2010-04-01', 'path_host api.sydney.au1.twilio.com /2010-04-01'],
    ['[::1]:8080', '/Verify.Twilio.com:443/v2', 'path_host verify.twilio.com /v2'],
    ['governor:8080', '/verify/v2/Services', 'path_product verify.twilio.com /v2/Services'],
    ['GOVERNOR', '/mcs/v1/Services', 'path_product mcs.us1.twilio.com /v1/Services'],
    ['127.0.0.1:8080', '/verify', 'path_product verify.twilio.com /'],
    ['127.0.0.1:8080', '/verify?To=%2B1', 'path_product verify.twilio.com /?To=%2B1'],
    ['127.0.0.1:8080', '/verify.twilio.com', 'path_host verify.twilio.com /'],
    ['127.0.0.1:8080', '/verify.twilio.com?a=/evil.example/', 'path_host verify.twilio.com /?a=/evil.example/'],
    ['localhost', '/2010-04-01/Accounts/AC1.json', 'default api.twilio.com /2010-04-01/Accounts/AC1.json'],
    ['localhost', '/', 'default api.twilio.com /'],
    ['localhost', '/Accounts.json', 'default api.twilio.com /Accounts.json'],
    ['localhost', '/a.xml', 'default api.twilio.com /a.xml'],
    ['localhost', '/a.XML', 'default api.twilio.com /a.XML'],
    ['localhost', '/.well-known/x', 'default api.twilio.com /.well-known/x'],
    [undefined, '/verify/v2', 'path_product verify.twilio.com /v2'],
    ['', '/v1', 'default api.twilio.com /v1'],
    ['evil.example', 'http://api.twilio.com/x?y', 'host api.twilio.com /x?y'],
    ['localhost', 'HTTPS://Verify.twilio.com:443/v2', 'host verify.twilio.com /v2'],
    ['localhost', 'http://api.twilio.com', 'host api.twilio.com /'],
    ['localhost', 'http://api.twilio.com?a=b', 'host api.twilio.com /?a=b']
  ]
  for (const [host, url, expected] of cases) t.equal(brief(host, url), expected, `${host} ${url}`)
})

t.test('path and query arrive byte for byte', async t => {
  const path = '/v2/Services/VA1/Verifications/%2B1415?a=%2e%2E/../&b=c%20d&&u=http://x/#rc=2&e=é'
  for (const prefix of ['/verify', '/verify.twilio.com']) {
    t.match(resolveTarget('localhost', prefix + path, ours), { ok: true, path })
  }
  t.match(resolveTarget('verify.twilio.com', path, ours), { ok: true, path })
  t.match(resolveTarget('localhost', `http://verify.twilio.com${path}`, ours), { ok: true, path })
})

t.test('a host that is not Twilio\'s is refused by name, wherever it stands', async t => {
  const cases: Array<[string | undefined, string, string]> = [
    ['evil.example', '/2010-04-01', '"evil.example" is neither'],
    ['evil.example', '/verify.twilio.com/v2', '"evil.example" is neither'],
    ['api.twilio.com.evil.example', '/', '"api.twilio.com.evil.example" is neither'],
    ['evil.example:8080', '/', '"evil.example:8080" is neither'],
    ['localhost', '/169.254.169.254/latest', '"169.254.169.254" is not'],
    ['localhost', '/localhost:9090/state', '"localhost:9090" is not'],
    ['api.twilio.com', 'http://api.twilio.com:8443/x', '"api.twilio.com:8443" is not'],
    ['localhost:80x', '/', '"localhost:80x" is neither'],
    ['localhost', '/evil.example/v2', '"evil.example" is not'],
    ['localhost', '/evil.example:443/v2', '"evil.example:443" is not'],
    ['localhost', '/evil.example.?x', '"evil.example." is not'],
    ['localhost', '/%76erify.twilio.com/v2', '"%76erify.twilio.com" is not'],
    ['localhost', '/api.twilio.com.evil.example/v2', '"api.twilio.com.evil.example" is not'],
    ['localhost', '/user:secret@evil.example/v2', '"evil.example" is not'],
    ['localhost', '/user:sec@ret@evil.example/v2', '"evil.example" is not'],
    ['localhost', '/\\evil.example/x', '"\\evil.example" is not'],
    ['api.twilio.com', 'http://evil.example/x', '"evil.example" is not'],
    ['api.twilio.com', 'http://localhost/x', '"localhost" is not'],
    ['api.twilio.com', 'http://api.twilio.com@evil.example/', '"evil.example" is not'],
    ['api.twilio.com', 'http://evil.example\\.api.twilio.com/', '"evil.example" is not'],
    ['api.twilio.com', 'http:///x', '"" is not']
  ]
  for (const [host, url, expected] of cases) {
    const message = brief(host, url)
    t.ok(message.startsWith(expected), `${url}: ${message}`)
    t.match(message, /Accepted are Twilio API hosts/)
  }
})

t.test('a first segment that others may read as a product or a host is refused with what it may mean', async t => {
  t.match(brief('localhost', '/verif%79/v2/Services'), /may mean verify\. Write it plainly, as \/verify\./)
  t.match(brief('localhost', '/EVIL.EXAMPLE/v2'), /^"EVIL\.EXAMPLE" is not a Twilio API host/)
})

t.test('a refusal shows at most 100 printable characters of the name', async t => {
  t.equal(brief(`${'a'.repeat(500)}.example`, '/').split('"')[1], 'a'.repeat(100))
  t.equal(brief('a\r\nb\u001b.example', '/').split('"')[1], 'a??b?.example')
})

t.test('request targets that are no path are refused', async t => {
  for (const url of ['', '*', 'verify/v2', 'ftp://api.twilio.com/', 'http:/api.twilio.com/', 'api.twilio.com:443', '?x']) {
    t.match(resolveTarget('api.twilio.com', url, ours), { ok: false, message: /neither a path nor/ }, url)
  }
})

t.test('dot segments are refused in every spelling, other dots are not', async t => {
  const bad = ['/../x', '/a/../b', '/a/./b', '/a/..', '/.', '/%2e%2e/x', '/a/.%2E/b', '/%2e', '/a%2f..%2fb', '/a/..\\b', '/a%5c..%5Cb', '/verify/../x', '/..?q']
  for (const path of bad) {
    for (const prefix of ['', '/verify', '/verify.twilio.com']) {
      t.match(resolveTarget('localhost', prefix + path, ours), { ok: false, message: /dot segment/ }, prefix + path)
    }
    t.match(resolveTarget('verify.twilio.com', path, ours), { ok: false }, path)
  }
  for (const path of ['/a/.b', '/a/...', '/a/b..', '/a%2Eb', '/a%2fb', '/a?x=/../', '/a?%2e%2e/']) {
    t.match(resolveTarget('verify.twilio.com', path, ours), { ok: true, path }, path)
  }
})

t.test('a path that reads as a host is refused', async t => {
  for (const url of ['//evil.example/x', '/verify//evil.example/x', '/verify.twilio.com//x', '/verify/\\x', 'http://api.twilio.com//x']) {
    t.match(resolveTarget('localhost', url, ours), { ok: false, message: /two slashes/ }, url)
  }
  t.match(resolveTarget('localhost', '/a b', ours), { ok: false, message: /percent-encoded/ })
})

t.test('whatever comes, the answer is a Twilio host with a path, or a refusal', async t => {
  const piece = fc.oneof(fc.constantFrom('/', '//', '?', '#', '@', ':', '\\', '..', '%2e', 'http://', 'verify', 'api.twilio.com', 'evil.example', 'mcs', '.json'), fc.string({ maxLength: 6, unit: 'binary' }))
  const text = fc.oneof(fc.string(), fc.webUrl(), fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')), fc.array(piece, { maxLength: 8 }).map((pieces) => `/${pieces.join('')}`))
  holds(t, fc.property(fc.option(text, { nil: undefined }), text, fc.boolean(), (host, url, own) => {
    const target = resolveTarget(host, url, () => own)
    if (!target.ok) return target.message.length < 500 && /^[\x20-\x7e]+$/.test(target.message)
    return PRODUCTS.includes(target.upstream.product) && target.upstream.host.endsWith('.twilio.com') &&
      target.path.startsWith('/') && !target.path.startsWith('//') && (url.endsWith(target.path) || `/${url}`.includes(target.path.slice(1))) &&
      // Joined to its host as a URL, the path stays on it.
      new URL(target.path, `https://${target.upstream.host}`).hostname === target.upstream.host
  }), 500)
})

t.test('a label that nobody knows is refused with the setting that adds it, wherever it stands', async t => {
  const cases: Array<[string | undefined, string]> = [
    ['webhooks2.twilio.com', '/v1/Webhooks'],
    ['localhost', '/webhooks2.dublin.ie1.twilio.com/v1/Webhooks'],
    ['localhost', 'https://webhooks2.twilio.com/v1/Webhooks'],
    ['localhost', '/webhooks2/v1/Webhooks'],
    ['localhost', '/webhooks2/2010-04-01?a=b']
  ]
  for (const [host, url] of cases) {
    t.match(brief(host, url), /add webhooks2 to upstream\.hosts/, url)
    t.match(resolveTarget(host, url, ours, createHosts(['webhooks2'])), { ok: true, upstream: { product: 'webhooks2' } }, url)
  }
  t.match(brief('localhost', '/Verify/v2/Services'), /"Verify".*Write product names in lower case/)
  t.match(brief('governor.example', '/'), /add it to listen\.names/)
  t.notMatch(brief('governor.example', '/'), /upstream\.hosts/)
  t.equal(brief('localhost', '/v1/v2'), 'default api.twilio.com /v1/v2')
})
