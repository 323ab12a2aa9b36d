import t from 'tap'
import { AUTHORIZATION, createClient, MESSAGES } from '../support/app.ts'
import { runGovernor } from '../support/programs.ts'

const FORM = {
  method: 'POST',
  headers: { authorization: AUTHORIZATION, 'content-type': 'application/x-www-form-urlencoded' },
  body: 'To=%2B15550001111&From=%2B15550002222&Body=hello'
}

t.test('simulate listens, says where in one line, and --limit and --seed are what it plays', async (t) => {
  const program = await runGovernor(t, ['simulate', '--port', '0', '--limit', '2', '--seed', '9'])
  const { origin = '' } = await program.listening()
  t.match(origin, /^http:\/\/127\.0\.0\.1:[1-9]\d*$/)
  t.equal(program.stdout(), `{"msg":"listening","origin":"${origin}"}\n`)
  const client = createClient(t)
  t.match((await client(`${origin}/_simulator/settings`)).json(), { limit: 2, seed: 9 })
  const statuses = (await Promise.all(Array.from({ length: 6 }, () => client(origin + MESSAGES, FORM)))).map(({ status }) => status)
  t.same(statuses.sort(), [201, 201, 429, 429, 429, 429], 'six at once against a limit of two')
})

t.test('a limit of 0 refuses all', async (t) => {
  const { listening } = await runGovernor(t, ['simulate', '--port', '0', '--limit', '0'])
  const { origin = '' } = await listening()
  t.equal((await createClient(t)(origin + MESSAGES, FORM)).status, 429)
})

t.test('on all interfaces it names an address that can be connected to', async (t) => {
  const { listening } = await runGovernor(t, ['simulate', '--port', '0', '--host', '0.0.0.0'])
  const { origin = '' } = await listening()
  t.match(origin, /^http:\/\/127\.0\.0\.1:[1-9]\d*$/)
  t.equal((await createClient(t)(`${origin}/_simulator/health`)).status, 200)
})

t.test('a scenario file is played, and an option goes before it', async (t) => {
  const cwd = t.testdir({ 'scenario.yaml': 'limit: 40\nseed: 3\nlatency: { medianMs: 5, p99Ms: 5 }\n' })
  const { listening } = await runGovernor(t, ['simulate', '--port', '0', '--scenario', 'scenario.yaml', '--limit', '7'], { cwd })
  const { origin = '' } = await listening()
  t.match((await createClient(t)(`${origin}/_simulator/settings`)).json(), { limit: 7, seed: 3, latency: { medianMs: 5, p99Ms: 5 } })
})

t.test('the scenarios that come with the documentation can be played', async (t) => {
  for (const name of ['steps', 'blind', 'shared', 'rough']) {
    const { listening } = await runGovernor(t, ['simulate', '--port', '0', '--scenario', `docs/scenarios/${name}.yaml`])
    t.match(await listening(), { origin: /^http:/ }, name)
  }
})

t.test('a scenario that cannot be played: all its faults, exit code 1', async (t) => {
  const cwd = t.testdir({ 'scenario.yaml': 'limt: 40\nwireDelayMs: -1\nfaults:\n  - { kind: rest_before }\n' })
  const { code, stdout, stderr } = await (await runGovernor(t, ['simulate', '--scenario', 'scenario.yaml'], { cwd })).ended
  t.equal(code, 1)
  t.equal(stdout, '')
  t.match(stderr, /^\d faults in scenario\.yaml\n/)
  for (const key of ['limt', 'wireDelayMs', 'faults']) t.match(stderr, new RegExp(`^ {2}.*${key}`, 'm'))
  const missing = await (await runGovernor(t, ['simulate', '--scenario', 'no.yaml'], { cwd })).ended
  t.equal(missing.code, 1)
  t.match(missing.stderr, /no\.yaml/)
})
