import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { digestOf, looksLikeToken, newToken } from '../../../src/access/token.ts'
import { readTokens } from '../../../src/access/token-file.ts'
import { listTokens, makeToken, revokeTokens, rotateToken } from '../../../src/commands/token/token.ts'

const NOW = new Date('2026-11-30T12:00:00.000Z')
const HOUR_MS = 3_600_000
const later = (ms: number): Date => new Date(NOW.getTime() + ms)

t.test('a token is 256 random bits in letters and digits, with a prefix of letters', async (t) => {
  t.equal(newToken(() => Buffer.alloc(32)), `tgv${'0'.repeat(43)}`)
  t.equal(newToken(() => Buffer.alloc(32, 255)).length, 46)
  t.not(newToken(() => Buffer.alloc(32, 255)), newToken(() => Buffer.concat([Buffer.alloc(31, 255), Buffer.from([254])])))
  t.match(newToken(), /^tgv[0-9A-Za-z]{43}$/)
  t.not(newToken(), newToken())
  t.ok(looksLikeToken(newToken()))
  for (const other of ['', 'tgv', `AC${'a'.repeat(32)}`, 'f'.repeat(32)]) t.notOk(looksLikeToken(other), other)
})

t.test('the file has the digest alone, and is for its owner', async (t) => {
  const file = join(t.testdir({}), 'tokens.json')
  const { token, id } = await makeToken(file, 'signup', '90d', NOW)
  t.notOk(readFileSync(file, 'utf8').includes(token))
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.same(await readTokens(file), [{
    id, caller: 'signup', sha256: digestOf(token), createdAt: NOW.toISOString(), expiresAt: later(90 * 24 * HOUR_MS).toISOString(), revokedAt: null
  }])
})

t.test('tokens are revoked by id or by caller, once, and listed without what they are made of', async (t) => {
  const file = join(t.testdir({}), 'tokens.json')
  const first = await makeToken(file, 'signup', undefined, NOW)
  const second = await makeToken(file, 'signup', '1h', NOW)
  const other = await makeToken(file, 'billing', '2h', NOW)
  t.same(await revokeTokens(file, first.id, NOW), [first.id])
  t.same(await revokeTokens(file, 'signup', NOW), [second.id])
  await t.rejects(revokeTokens(file, 'signup', NOW), { name: 'TokenError', message: /No token that still counts/ })
  const listed = JSON.parse(await listTokens(file, true, later(3 * HOUR_MS))) as Array<Record<string, unknown>>
  t.match(listed, [{ id: first.id, state: 'revoked' }, { id: second.id, state: 'revoked' }, { id: other.id, caller: 'billing', state: 'expired' }])
  const table = await listTokens(file, false, NOW)
  t.match(table, new RegExp(`${other.id}\\s+billing\\s+valid`))
  for (const { token } of [first, second, other]) t.notOk(`${table}${JSON.stringify(listed)}`.includes(digestOf(token)))
  t.equal(await listTokens(join(t.testdir({}), 'none.json'), false, NOW), 'There are no tokens yet.')
})

t.test('after a rotation the old token counts for a while, and the new one for as long as the old one was made for', async (t) => {
  const file = join(t.testdir({}), 'tokens.json')
  const old = await makeToken(file, 'signup', '10h', NOW)
  const made = await rotateToken(file, old.id, '1h', undefined, later(2 * HOUR_MS))
  t.match(made, { caller: 'signup', oldEndsAt: later(3 * HOUR_MS).toISOString(), expiresAt: later(12 * HOUR_MS).toISOString() })
  t.match(await readTokens(file), [{ id: old.id, expiresAt: later(3 * HOUR_MS).toISOString(), revokedAt: null }, { id: made.id, sha256: digestOf(made.token) }])
  const soon = await makeToken(file, 'billing', '1h', NOW)
  t.match(await rotateToken(file, soon.id, '5h', '1d', NOW), { oldEndsAt: later(HOUR_MS).toISOString() }, 'never longer than it had')
  await t.rejects(rotateToken(file, 'tok_none', '1h', undefined, NOW), { name: 'TokenError' })
})

t.test('what is no name, no time or no file of tokens is refused, and the file stays', async (t) => {
  const file = join(t.testdir({ other: '{"version":2,"tokens":[]}', junk: 'x', odd: '{"version":1,"tokens":[{"id":"a"}]}' }), 'tokens.json')
  await makeToken(file, 'signup', undefined, NOW)
  const before = readFileSync(file, 'utf8')
  for (const caller of ['', 'a b', 'x'.repeat(65)]) await t.rejects(makeToken(file, caller, undefined, NOW), { name: 'TokenError' })
  for (const time of ['soon', '5', '1y', '-1h', '2020-01-01T00:00:00Z']) await t.rejects(makeToken(file, 'a', time, NOW), { name: 'TokenError' }, time)
  t.equal(readFileSync(file, 'utf8'), before)
  for (const [name, fault] of [['other', /version 2, which is newer/], ['junk', /is no JSON/], ['odd', /number 1 of 1/]] as const) {
    await t.rejects(makeToken(file.replace('tokens.json', name), 'a', undefined, NOW), { name: 'TokenFileError', message: fault })
  }
})

t.test('many commands at once lose no token, and a lock that a killed command left is no obstacle', async (t) => {
  const file = join(t.testdir({}), 'tokens.json')
  await Promise.all(Array.from({ length: 10 }, async (_, i) => makeToken(file, `caller-${i}`, undefined, NOW)))
  t.equal((await readTokens(file)).length, 10)
  writeFileSync(`${file}.lock`, '')
  const { utimesSync } = await import('node:fs')
  utimesSync(`${file}.lock`, 1, 1)
  await makeToken(file, 'after', undefined, NOW)
  t.equal((await readTokens(file)).length, 11)
})
