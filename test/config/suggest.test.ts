import t from 'tap'
import { nearest, suggest } from '../../src/config/suggest.ts'

const SIBLINGS = ['host', 'port', 'keepAliveMs', 'maxConnectionsPerHost']

t.test('a slip of one or two letters finds the key', async (t) => {
  t.equal(suggest('hots', SIBLINGS), 'host')
  t.equal(suggest('por', SIBLINGS), 'port')
  t.equal(suggest('keepAliveM', SIBLINGS), 'keepAliveMs')
  t.equal(suggest('maxConectionsPerHots', SIBLINGS), 'maxConnectionsPerHost')
})

t.test('another spelling of the words finds the key', async (t) => {
  t.equal(suggest('keep_alive_ms', SIBLINGS), 'keepAliveMs')
  t.equal(suggest('KEEP-ALIVE-MS', SIBLINGS), 'keepAliveMs')
  t.equal(suggest('max_connections_per_host', SIBLINGS), 'maxConnectionsPerHost', 'however many words')
  t.equal(suggest('max-connections-per-host', SIBLINGS), 'maxConnectionsPerHost')
})

t.test('a key of another section is found by its name', async (t) => {
  t.equal(suggest('budgetRatio', SIBLINGS), 'retry.budgetRatio')
  t.equal(suggest('port', []), 'listen.port or admin.port')
  t.equal(suggest('bulk', []), 'queue.weights.bulk')
})

t.test('of several words that are close the closest is meant', async (t) => {
  t.equal(nearest('maxByte', ['maxBits', 'maxBytes']), 'maxBytes')
  t.equal(nearest('maxByte', ['maxBytes', 'maxBits']), 'maxBytes')
})

t.test('nothing is suggested when nothing is close', async (t) => {
  t.equal(suggest('x', SIBLINGS), undefined)
  t.equal(suggest('timeout', SIBLINGS), undefined)
  t.equal(suggest('hsot5', ['port']), undefined)
})
