import t from 'tap'
import { clip, shownName, shownNumber, shownText, withoutSecrets } from '../../src/config/shown.ts'

const hidden = (length: number): string => `(${length} characters)`

t.test('a text is shown up to 40 characters', async (t) => {
  t.equal(clip('x'.repeat(40)), 'x'.repeat(40))
  t.equal(clip('x'.repeat(41)), `${'x'.repeat(40)}…`)
})

t.test('a word of up to 20 letters and a number with a short unit are shown, any other text by its length', async (t) => {
  const shown = ['enforced', 'a'.repeat(20), '15s', '1234567', '-0.125ms', '2h30', ' x']
  for (const text of shown) t.equal(shownText(text), `the text ${JSON.stringify(text)}`)
  const cut = ['a'.repeat(21), '12345678901', '15 s', 'pass:word', '+447700900123', '', 'a1', '15secs']
  for (const text of cut) t.equal(shownText(text), `text of ${text.length} characters`)
})

t.test('a number is shown up to nine digits', async (t) => {
  for (const number of [123_456_789, -123_456_789, 1.2345678, 0]) t.equal(shownNumber(number), `the number ${number}`)
  for (const number of [1_234_567_890, 1.234567891, 1e21, NaN, Infinity]) {
    t.equal(shownNumber(number), 'a number with many digits', `${number}`)
  }
})

t.test('a name is shown unless it may be a key or a token', async (t) => {
  const names = ['a'.repeat(19), 'zz'.repeat(10), `${'z'.repeat(29)}12`, '0123456789abcdef012']
  for (const name of names) t.equal(shownName(name), name)
  const secrets = [
    '0123456789abcdef0123', 'a'.repeat(20), 'AB'.repeat(10), 'z'.repeat(32),
    `${'z'.repeat(28)}123`, `x-${'0A'.repeat(10)}`
  ]
  for (const name of secrets) t.equal(shownName(name), hidden(name.length))
})

t.test('only the run that may be a secret is cut out of a sentence', async (t) => {
  const token = '0f'.repeat(16)
  t.equal(withoutSecrets(`no such file: /run/${token}/config.yaml`), `no such file: /run/${hidden(32)}/config.yaml`)
  t.equal(withoutSecrets('no such file: ./config.yaml'), 'no such file: ./config.yaml')
  t.equal(withoutSecrets(`${token} and ${'zz'.repeat(10)}`), `${hidden(32)} and ${'zz'.repeat(10)}`)
})
