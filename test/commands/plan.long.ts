import { readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { simulator } from '../simulator/support.ts'
import { ACCOUNT, AUTHORIZATION, createClient, MESSAGES } from '../support/app.ts'
import { run, runGovernor } from '../support/programs.ts'
import { buildProgram } from '../support/build.ts'

/** The log of a real proxy before a simulated Twilio of this ceiling: messages by far too many at once, and reads beside them. */
async function record (t: Test, config: string, ceiling: number, messages: number): Promise<string> {
  const twilio = await simulator(t, { limit: ceiling, wireDelayMs: 10, latency: { medianMs: 60, p99Ms: 150 }, refusals: { delayMs: 2 } })
  const program = await runGovernor(t, ['start', '--config', config], { env: { GOVERNOR_PORT: '0', GOVERNOR_ADMIN_PORT: '0', GOVERNOR_UPSTREAM: twilio.origin } })
  const { proxy = '' } = await program.listening()
  const client = createClient(t)
  const form = { 'content-type': 'application/x-www-form-urlencoded', authorization: AUTHORIZATION }
  const sends = Array.from({ length: messages }, (_, i) => i % 5 === 4
    ? client(`${proxy}${MESSAGES}?PageSize=${i % 3}`, { headers: { authorization: AUTHORIZATION, 'governor-caller': 'dashboard' } })
    : client(proxy + MESSAGES, { method: 'POST', headers: { ...form, 'governor-caller': 'campaign' }, body: `To=%2B1555&From=%2B1556&Body=hello+${i}` }))
  await Promise.all(sends)
  program.kill('SIGTERM')
  return (await program.ended).stdout
}

interface Side { readonly requests: number, readonly calls: number, readonly throttled: number, readonly saved: number, readonly waitMs: Record<'p50' | 'p95' | 'p99' | 'max', number> }
interface Json { readonly all: { readonly then: Side, readonly plan: Side }, readonly by: { readonly class: Record<string, { then: Side, plan: Side }> }, readonly accounts: ReadonlyArray<{ readonly account: string, readonly assumedCeiling: number }> }

t.test('a log, played through the settings it was recorded with, and with others', async (t) => {
  const folder = t.testdir({
    'same.yaml': 'log: { level: info }\ncoalesce: { inFlight: false }\n',
    'other.yaml': 'coalesce: { inFlight: true }\nqueue: { classes: [{ match: { callers: [dashboard] }, class: critical }] }\n'
  })
  const file = `${folder}/day.log`
  const log = await record(t, `${folder}/same.yaml`, 10, 500)
  writeFileSync(file, log)
  writeFileSync(`${file}.gz`, gzipSync(log))
  t.notMatch(log, /hello|%2B1555|PageSize/)
  const plan = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await (await runGovernor(t, ['plan', ...args])).ended
    t.equal(stderr, '', args.join(' '))
    t.equal(code, 0)
    return stdout
  }

  const same = JSON.parse(await plan('--log', file, '--config', `${folder}/same.yaml`, '--json')) as Json
  const { then, plan: planned } = same.all
  t.equal(then.requests, 500)
  t.equal(planned.requests, 500)
  t.equal(same.accounts[0]?.account, ACCOUNT)
  // How close the two are, a machine that is busy with other things cannot tell: see test/commands/plan/fidelity.test.ts.
  t.ok(then.waitMs.p95 > 0 && planned.waitMs.p95 > 0)
  t.ok(then.throttled > 0, 'Twilio refused some')

  const other = JSON.parse(await plan('--log', file, '--config', `${folder}/other.yaml`, '--json')) as Json
  t.ok(other.all.plan.saved > 0, `${other.all.plan.saved} of 100 reads of three lists were shared`)
  t.equal(other.by.class['critical']?.plan.requests, 100)
  t.ok((other.by.class['critical']?.plan.waitMs.p95 ?? Infinity) < (same.by.class['read']?.plan.waitMs.p95 ?? 0), 'they wait less')

  const words = await plan('--log', file, '--config', `${folder}/same.yaml`)
  t.match(words, /^500 requests, .* UTC .*\nskipped: \d other lines\n/)
  t.ok(words.split('\n').every((line) => line.length <= 80))
  t.equal(await plan('--log', `${file}.gz`, '--config', `${folder}/same.yaml`), words, 'packed, it is the same')
  const piped = run(t, 'sh', ['-c', 'exec "$0" "$@" < "$FILE"', process.execPath, await buildProgram(), 'plan', '--log', '-', '--config', `${folder}/same.yaml`], { env: { FILE: file } })
  t.equal((await piped.ended).stdout, words, 'by standard input, too')
  t.equal(readFileSync(file, 'utf8'), log)
})

t.test('what is not understood or not there is one sentence, and exit code 1', async (t) => {
  const folder = t.testdir({ empty: '', text: 'hello\n', 'bad.yaml': 'limit: { mode: shadw }\n', 'cut.gz': gzipSync('{"msg":"exchange"}').subarray(0, 12) as unknown as string })
  const cases: Array<[string[], RegExp]> = [
    [[], /required option '-l, --log <file>' not specified/],
    [['--log', `${folder}/none`], /^ENOENT: no such file or directory.*none'\n$/],
    [['--log', folder], /is a folder\.\n$/],
    [['--log', `${folder}/empty`], /^The log is empty\.\n$/],
    [['--log', `${folder}/text`], /^No line of the log is an exchange. 1 cannot be read as JSON, the first is line 1\./],
    [['--log', `${folder}/cut.gz`], /cannot be unpacked \(Z_BUF_ERROR\)/],
    [['--log', `${folder}/text`, '--config', `${folder}/bad.yaml`], /limit\.mode/],
    [['--log', `${folder}/text`, '--ceiling', '0'], /a whole number from 1/],
    [['--log', `${folder}/text`, '--rate', 'verify=3'], /--rate takes a route as the log names it/]
  ]
  for (const [args, sentence] of cases) {
    const { code, stdout, stderr } = await (await runGovernor(t, ['plan', ...args])).ended
    t.equal(code, 1, args.join(' '))
    t.equal(stdout, '')
    t.match(stderr, sentence)
    t.notMatch(stderr, /\n {4}at /, 'no stack')
  }
})
