import t, { type Test } from 'tap'
import { runDemo } from '../../src/demo/demo.ts'
import { runGovernor } from '../support/programs.ts'

const ROWS = ['messages sent', 'carried out by Twilio', '429s that Twilio gave', '429s that the app saw', 'limit found', 'time']

async function demo (t: Test, terminal: boolean): Promise<string> {
  let printed = ''
  const code = await runDemo({ messages: 200, concurrency: 60, limit: 20, version: '0.0.0', print: (text) => { printed += text }, terminal })
  t.equal(code, 0)
  return printed
}

t.test('the demo sends its messages once each, and says so in a summary', async (t) => {
  const printed = await demo(t, false)
  for (const row of ROWS) t.match(printed, new RegExp(`^ {2}${row} .*\\d`, 'm'))
  t.match(printed, /messages sent +200 of 200,/)
  t.match(printed, /carried out by Twilio +200, of which twice: 0/)
  t.match(printed, /429s that the app saw +0$/m)
  t.match(printed, /http:\/\/127\.0\.0\.1:\d+ .*allows 20 requests at once/)
  t.notMatch(printed, '\r', 'no terminal, no overwriting')
})

t.test('on a terminal the progress overwrites its line', async (t) => {
  t.ok((await demo(t, true)).split('\r').length > 3)
})

t.test('the command does the same and exits with 0', async (t) => {
  const { ended } = await runGovernor(t, ['demo', '--messages', '60', '--concurrency', '30', '--limit', '10'])
  const { code, stdout, stderr } = await ended
  t.equal(stderr, '')
  t.equal(code, 0)
  t.match(stdout, /messages sent +60 of 60,/)
})
