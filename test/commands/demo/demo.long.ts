import t, { type Test } from 'tap'
import { runDemo } from '../../../src/commands/demo/demo.ts'
import { heading, progressLine, summary } from '../../../src/commands/demo/report.ts'
import { buildProgram } from '../../support/build.ts'
import { run, runGovernor } from '../../support/programs.ts'

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
  t.match(printed, /http:\/\/127\.0\.0\.1:\d+ .*hidden limit: 20 requests at once/)
  t.notMatch(printed, '\r', 'no terminal, no overwriting')
  for (const line of printed.split('\n')) t.ok(line.length < 80, line)
})

t.test('on a terminal the progress overwrites its line', async (t) => {
  const lines = (await demo(t, true)).split(/\n|\r/)
  const progress = lines.filter((line) => line.startsWith('\x1b[K['))
  t.ok(progress.length > 3)
  t.ok(progress.every((line) => line.length < 80 + '\x1b[K'.length), 'short enough not to wrap at 80 columns')
})

t.test('the largest demo fits 80 columns as well', async (t) => {
  const stage = { simulator: 'http://127.0.0.1:65535', proxy: 'http://127.0.0.1:65535', admin: 'http://127.0.0.1:65535', limit: 5000, concurrency: 5000 }
  const figures = {
    messages: 1_000_000, sent: 999_999, failed: 1, given429: 123_456, seen429: 1234, created: 1_000_000, duplicates: 12, limit: 5000, limitFound: 10_000, elapsedMs: 12_345_600, idealMs: 10_345_600
  }
  for (const line of [...heading(stage).split('\n'), progressLine(figures), ...summary(figures).split('\n')]) t.ok(line.length < 80, line)
})

t.test('a reader that has seen enough ends the demo, quietly', async (t) => {
  const demo = `"${process.execPath}" "${await buildProgram()}" demo --messages 100000 --concurrency 30`
  const { stdout, stderr } = await run(t, 'sh', ['-c', `{ ${demo}; echo "exit code $?" >&2; } | head -n 2`]).ended
  t.match(stdout, /^simulated Twilio .*\nproxy .*\n$/)
  t.equal(stderr, 'exit code 0\n')
})

t.test('the command does the same and exits with 0', async (t) => {
  const { ended } = await runGovernor(t, ['demo', '--messages', '60', '--concurrency', '30', '--limit', '10'])
  const { code, stdout, stderr } = await ended
  t.equal(stderr, '')
  t.equal(code, 0)
  t.match(stdout, /messages sent +60 of 60,/)
})
