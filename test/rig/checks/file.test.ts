import t from 'tap'
import { parseScenarioText } from '../scenario/file.ts'

const least = `
about: A scenario.
load:
  messages: { workers: 10 }
lengthS: 5
expect:
  - { what: failures, most: 0 }
`

t.test('what a file leaves out has a default', async (t) => {
  const { name, simulator, proxies, windows, compare } = parseScenarioText(least, 'least')
  t.match({ name, proxies, windows, compare }, { name: 'least', proxies: { count: 1, everyS: 0, config: {} }, windows: {}, compare: false })
  t.match(simulator, { limit: 100, wireDelayMs: 20, timeline: [] })
})

t.test('every key that does not exist is refused, wherever it stands', async (t) => {
  const text = `${least}
simulator: { limits: { AC1: 3 }, wire: 5 }
colour: blue
proxies: { number: 3 }
windows: { steady: { fromS: 1, toS: 2, forS: 1 } }
`
  t.throws(() => parseScenarioText(text, 'odd'), { message: /^odd: 3 faults\n {2}colour: there is no such key/m })
  t.throws(() => parseScenarioText(text, 'odd'), { message: /proxies\.number: there is no such key/ })
  t.throws(() => parseScenarioText(text, 'odd'), { message: /windows\.steady\.forS: there is no such key/ })
  t.throws(() => parseScenarioText(`${least}\nsimulator: { wire: 5 }`, 'odd'), { message: /wire: there is no such key/ })
  t.throws(() => parseScenarioText(`${least}\nproxies: { config: { limit: { algorithm: best } } }`, 'odd'), { message: /proxies\.config\.limit\.algorithm/ })
})

t.test('a stream arrives in exactly one way', async (t) => {
  const withStream = (stream: string): string => least.replace('{ workers: 10 }', stream)
  const told = { message: /load\.messages: exactly one of workers, perSecond, ofCapacity, burst/ }
  t.throws(() => parseScenarioText(withStream('{ workers: 10, perSecond: 3 }'), 'two'), told)
  t.throws(() => parseScenarioText(withStream('{ class: bulk }'), 'none'), told)
  t.throws(() => parseScenarioText(withStream('{ workers: 1, toS: 9 }'), 'late'), { message: /load\.messages: must begin before it ends, and end within 5 s/ })
  t.doesNotThrow(() => parseScenarioText(withStream('{ ofCapacity: 0.9, request: verification, class: critical }'), 'good'))
})

t.test('an expectation has a bound, and names what there is', async (t) => {
  const expecting = (expectation: string): string => least.replace('{ what: failures, most: 0 }', expectation)
  t.throws(() => parseScenarioText(expecting('{ what: goodput }'), 'x'), { message: /expect\.0: least, most or both/ })
  t.throws(() => parseScenarioText(expecting('{ what: goodput, in: steady, least: 1 }'), 'x'), { message: /expect\.0\.in: there is no window steady/ })
  t.throws(() => parseScenarioText(expecting('{ what: goodput, stream: calls, least: 1 }'), 'x'), { message: /expect\.0\.stream: there is no stream calls/ })
  t.throws(() => parseScenarioText(expecting('{ what: settleS, most: 1 }'), 'x'), { message: /expect\.0\.of: says whose goodput/ })
  t.throws(() => parseScenarioText(expecting('{ what: p99Ms, of: ideal, most: 1 }'), 'x'), { message: /expect\.0\.of: there is no ideal p99Ms/ })
  t.throws(() => parseScenarioText(expecting('{ what: speed, most: 1 }'), 'x'), { message: /expect\.0\.what: must be one of goodput, / })
})
