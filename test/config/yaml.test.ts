import t from 'tap'
import { faults, load } from './loading.ts'

t.test('broken YAML is reported with line and column', async (t) => {
  t.strictSame(faults(t, 'limit:\n\tmin: 3'), [{ path: 'line 2, column 1', message: 'Tabs are not allowed as indentation' }])
  t.match(faults(t, 'a: 1\nb: "x'), [{ path: 'line 2, column 6', message: 'Missing closing "quote' }])
})

t.test('broken YAML does not hide the faults of the environment', async (t) => {
  t.strictSame(faults(t, 'a: [', { GOVERNOR_PORT: 'x' }).map(({ path }) => path).at(-1), 'GOVERNOR_PORT')
})

t.test('a key written twice is a fault, told together with all others', async (t) => {
  t.strictSame(faults(t, 'limit:\n  min: 2\n  min: 3\n  max: 0'), [
    { path: 'line 3, column 3', message: 'this key appears twice' },
    { path: 'limit.max', message: 'must be a whole number from 1 to 100000; found the number 0 (line 4)' }
  ])
})

t.test('a second document, an unknown tag, an unknown alias and a key that is no text are faults', async (t) => {
  t.strictSame(faults(t, 'limit: {}\n---\nlimit: {}'), [
    { path: 'line 2, column 1', message: 'a second document starts here; one is allowed' }
  ])
  t.match(faults(t, 'limit: !mine {}'), [{ path: 'line 1, column 8', message: 'Unresolved tag' }])
  t.strictSame(faults(t, 'limit: *other'), [{ path: 'aliases', message: 'unknown or too many' }])
  t.match(faults(t, '? { a: 1 }\n: 2'), [{ path: 'line 1, column 3', message: /keys must be strings/ }])
})

t.test('aliases that multiply are refused before they fill the memory', async (t) => {
  const ten = (name: string): string => `[${`*${name},`.repeat(10)}]`
  const bomb = ['a: &a [x]', `b: &b ${ten('a')}`, `c: &c ${ten('b')}`, `d: &d ${ten('c')}`, `e: ${ten('d')}`].join('\n')
  t.strictSame(faults(t, bomb), [{ path: 'aliases', message: 'unknown or too many' }])
})

t.test('an alias may be used, and its faults are found where it is used', async (t) => {
  const { listen, admin } = load(t, 'listen: { host: &here "::1" }\nadmin: { host: *here }')
  t.strictSame([listen.host, admin.host], ['::1', '::1'])
  t.match(faults(t, 'queue: &q { maxWaiting: -1 }\ndeadline: *q'), [
    { path: 'queue.maxWaiting', message: /\(line 1\)$/ },
    { path: 'deadline.maxWaiting', message: /^unknown key; did you mean queue\.maxWaiting\? \(line 1\)$/ }
  ])
})

t.test('off is a word, as YAML 1.2 has it', async (t) => {
  t.equal(load(t, 'limit: { mode: off }').limit.mode, 'off')
})
