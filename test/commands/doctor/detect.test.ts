import t from 'tap'
import { detectSdks } from '../../../src/commands/doctor/detect.ts'
import { stackedRetries } from '../../../src/commands/doctor/checks/stacked.ts'

const CASES: ReadonlyArray<readonly [file: string, text: string, found: Readonly<Record<string, string | undefined>>]> = [
  ['package.json', '{ "dependencies": { "twilio": "^6.0.0" } }', { node: undefined }],
  ['package.json', '{ "devDependencies": { "twilio-cli": "^5" } }', { 'twilio-cli': undefined }],
  ['package.json', '{ "dependencies": { "twilio-video": "^2", "my-twilio": "1" } }', {}],
  ['requirements.txt', 'flask\ntwilio==7.17.0\n', { python: '7.17.0' }],
  ['requirements-dev.txt', 'twilio>=8\n', { python: undefined }],
  ['requirements.txt', 'django-twilio==1.0\ntwilio-mock\n', {}],
  ['pyproject.toml', '[project]\ndependencies = ["twilio~=9.1"]\n', { python: '9.1' }],
  ['pyproject.toml', '[tool.poetry.dependencies]\ntwilio = "7.2"\n', { python: '7.2' }],
  ['Pipfile', '[packages]\ntwilio = "*"\n', { python: undefined }],
  ['go.mod', 'require (\n\tgithub.com/twilio/twilio-go v1.30.9\n)\n', { go: '1.30.9' }],
  ['pom.xml', '<groupId>com.twilio.sdk</groupId>', { java: undefined }],
  ['build.gradle.kts', 'implementation("com.twilio.sdk:twilio:12.0.0")', { java: undefined }],
  ['composer.json', '{ "require": { "twilio/sdk": "^8" } }', { php: undefined }],
  ['Gemfile', 'gem "twilio-ruby", "~> 7"', { ruby: undefined }],
  ['Shop.csproj', '<PackageReference Include="Twilio" Version="7.14.9" />', { csharp: '7.14.9' }],
  ['notes.txt', 'twilio==1.0', {}]
]

t.test('the files that list dependencies name the SDK, and its version where that is pinned', async (t) => {
  for (const [file, text, found] of CASES) {
    const all = await detectSdks(t.testdir({ [file]: text }))
    t.same(Object.fromEntries(all.map(({ sdk, version }) => [sdk, version])), found, `${file}: ${text.trim().split('\n').at(-1) ?? ''}`)
    t.ok(all.every((one) => one.file === file))
  }
})

t.test('the version of Node\'s SDK is the one that is installed', async (t) => {
  const dir = t.testdir({ 'package.json': '{ "dependencies": { "twilio": "^5" } }', node_modules: { twilio: { 'package.json': '{ "name": "twilio", "version": "5.3.1" }' } } })
  t.match(await detectSdks(dir), [{ sdk: 'node', version: '5.3.1' }])
})

t.test('stacked retries are read from the metrics, by client', async (t) => {
  const metrics = [
    '# TYPE twilio_governor_stacked_retries_total counter',
    'twilio_governor_stacked_retries_total{sdk="java"} 12', 'twilio_governor_stacked_retries_total{sdk="twilio-cli"} 1',
    'twilio_governor_stacked_retries_total{sdk="node"} 0', 'twilio_governor_stacked_retries_total{sdk="other"} 4', 'twilio_governor_other_total{sdk="go"} 3'
  ].join('\n')
  t.same(stackedRetries(metrics), { java: 12, 'twilio-cli': 1, node: 0 })
  t.same(stackedRetries(''), {})
})
