import t, { type Test } from 'tap'
import { runDemo } from '../../../src/commands/demo/demo.ts'
import { directSummary, heading, progressLine, summary } from '../../../src/commands/demo/report.ts'
import { buildProgram } from '../../support/build.ts'
import { run, runGovernor } from '../../support/programs.ts'

const ROWS = ['messages delivered', 'accepted by Twilio', '429s Twilio gave', '429s the app saw', 'limit found', 'time']
const SMALL = { messages: 200, concurrency: 60, limit: 20 }

async function demo (t: Test, terminal: boolean, load = SMALL): Promise<string> {
  let printed = ''
  const code = await runDemo({ ...load, version: '0.0.0', print: (text) => { printed += text }, terminal })
  t.equal(code, 0)
  return printed
}

/** The numbers in the row of this name, in what was printed after a heading. */
function numbersOf (printed: string, heading: string, row: string): number[] {
  const line = printed.slice(printed.indexOf(heading)).split('\n').find((line) => line.startsWith(`  ${row} `)) ?? ''
  return [...line.slice(row.length + 2).matchAll(/\d+/g)].map(Number)
}

t.test('the same load loses messages without the proxy, and with it none is lost and none is sent twice', async (t) => {
  const printed = await demo(t, false)
  const [delivered = 0, calls = 0] = numbersOf(printed, 'Without the proxy', 'messages delivered')
  const [seen429 = 0] = numbersOf(printed, 'Without the proxy', '429s the app saw')
  t.equal(calls, SMALL.messages)
  t.ok(delivered < calls, `${delivered} of ${calls} delivered without the proxy`)
  t.equal(seen429, calls - delivered, 'each that was lost met a 429')
  t.strictSame(numbersOf(printed, 'With the proxy', 'messages delivered').slice(0, 2), [SMALL.messages, SMALL.messages])
  t.strictSame(numbersOf(printed, 'With the proxy', 'accepted by Twilio'), [SMALL.messages, 0], 'accepted, sent twice')
  t.strictSame(numbersOf(printed, 'With the proxy', '429s the app saw'), [0])
})

t.test('the summary has a row for each figure, and lines that fit', async (t) => {
  const printed = await demo(t, false)
  for (const row of ROWS) t.match(printed, new RegExp(`^ {2}${row} .*\\d`, 'm'))
  t.match(printed, /http:\/\/127\.0\.0\.1:\d+ .*hidden limit: 20 requests at once/)
  t.match(printed, /limit found +\d+ in flight, the wire included \(hidden: 20\)/)
  t.notMatch(printed, '\r', 'no terminal, no overwriting')
  for (const line of printed.split('\n')) t.ok(line.length < 80, line)
})

t.test('a load that never meets the limit has none to tell of', async (t) => {
  const printed = await demo(t, false, { messages: 40, concurrency: 10, limit: 60 })
  t.strictSame(numbersOf(printed, 'With the proxy', '429s Twilio gave').slice(0, 1), [0])
  t.match(printed, /limit found +not explored: this load never met the hidden limit$/m)
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
  const direct = { calls: 2_000, delivered: 1_999, seen429: 1_234, elapsedMs: 34_500 }
  const lines = [heading(stage), progressLine(figures), directSummary(direct), summary(figures), summary({ ...figures, given429: 0 })]
  for (const line of lines.join('\n').split('\n')) t.ok(line.length < 80, line)
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
  t.match(stdout, /With the proxy:[^]*messages delivered +60 of 60,/)
})
