import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { runGovernor, type Ended, type RunOptions } from '../support/programs.ts'

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
const example = readFileSync('config.example.yaml', 'utf8')

const finish = async (t: Test, args: readonly string[], options?: RunOptions): Promise<Ended> => (await runGovernor(t, args, options)).ended

t.test('--version says the version of the package', async (t) => {
  t.match(await finish(t, ['--version']), { code: 0, stdout: `${version}\n`, stderr: '' })
})

t.test('--help names every command, and each command explains its options', async (t) => {
  const { code, stdout } = await finish(t, ['--help'])
  t.equal(code, 0)
  for (const command of ['start', 'check', 'simulate', 'token', 'demo']) {
    t.match(stdout, new RegExp(`^ {2}${command}\\b.*\\w`, 'm'))
    const own = await finish(t, [command, '--help'])
    t.equal(own.code, 0)
    t.match(own.stdout, new RegExp(`^Usage: twilio-governor ${command}`))
  }
})

t.test('what is not understood ends with a sentence, the usage, and an exit code other than 0', async (t) => {
  const cases: Array<[string[], RegExp]> = [
    [['strat'], /unknown command 'strat'/],
    [['--config', 'config.example.yaml', 'check'], /put the command before its options: twilio-governor check/],
    [['--config', 'config.example.yaml', 'strat'], /unknown command 'strat'/],
    [['check', 'config.example.yaml', '--config', 'other.yaml'], /you named two files/],
    [['--prot', '1'], /unknown option '--prot'/],
    [['start', '--prot', '1'], /unknown option '--prot'/],
    [['simulate', '--limit', 'many'], /a whole number from 0 to 1000000/],
    [['simulate', '--port', '65536'], /a whole number from 0 to 65535/],
    [['demo', '--messages', '-3'], /a whole number from 1 to/],
    [['start', '--config'], /argument missing/]
  ]
  for (const [args, sentence] of cases) {
    const { code, stdout, stderr } = await finish(t, args)
    t.not(code, 0, args.join(' '))
    t.equal(stdout, '')
    t.match(stderr, sentence)
    t.match(stderr, /Usage: twilio-governor/)
  }
})

t.test('check accepts a valid file, however it is named', async (t) => {
  const cwd = t.testdir({ 'config.yaml': 'limit: { initial: 20 }\n', 'example.yaml': example })
  const valid = { code: 0, stdout: 'The configuration is valid.\n', stderr: '' }
  t.match(await finish(t, ['check'], { cwd }), valid, 'config.yaml')
  t.match(await finish(t, ['check', 'example.yaml'], { cwd }), valid, 'an argument')
  t.match(await finish(t, ['check', '--config', 'example.yaml'], { cwd }), valid, 'an option')
  t.match(await finish(t, ['check', 'example.yaml', '--config', 'example.yaml'], { cwd }), valid, 'both, the same')
  t.match(await finish(t, ['check'], { cwd, env: { GOVERNOR_CONFIG: 'example.yaml' } }), valid, 'a variable')
})

t.test('check lists every fault of file and environment at once, and exits with 1', async (t) => {
  const cwd = t.testdir({
    'config.yaml': 'listen:\n  prot: 8080\nlimit:\n  mode: shadw\n  min: 20\n  initial: 10\nretry:\n  readAttempts: 0\n'
  })
  const { code, stdout, stderr } = await finish(t, ['check'], { cwd, env: { GOVERNOR_ADMIN_PORT: '70000' } })
  t.equal(code, 1)
  t.equal(stdout, '')
  t.equal(stderr, [
    '5 faults in config.yaml',
    '  listen.prot: unknown key; did you mean port? (line 2)',
    '  limit.mode: must be enforce, shadow or off; found the text "shadw" (line 4)',
    '  limit.initial: must be at least limit.min (20); found the number 10 (line 6)',
    '  retry.readAttempts: must be a whole number from 1 to 10; found the number 0 (line 8)',
    '  GOVERNOR_ADMIN_PORT: must be a whole number from 0 to 65535; found the number 70000',
    ''
  ].join('\n'))
})

t.test('check of a file that is not there is a fault', async (t) => {
  for (const args of [['check', 'no.yaml'], ['check', '--config', 'no.yaml']]) {
    const { code, stderr } = await finish(t, args, { cwd: t.testdir() })
    t.equal(code, 1)
    t.match(stderr, /no\.yaml/)
  }
})
