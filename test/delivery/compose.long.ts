import { DCLinter } from 'dclint'
import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { loadScenario } from '../../src/simulator/settings/scenario-file.ts'

const FILE = 'docker-compose.yml'
const text = readFileSync(FILE, 'utf8')

interface Service { profiles?: string[], build?: string, image?: string, environment?: Record<string, string>, volumes?: string[], restart?: string }
const { services } = parse(text, { merge: true }) as { services: Record<string, Service> }

// The Compose specification's schema, and rules beyond it: ports bound to an interface, images pinned. The order
// of keys is a matter of taste.
const linter = new DCLinter({
  rules: {
    'service-keys-order': 0,
    'services-alphabetical-order': 0,
    'service-dependencies-alphabetical-order': 0,
    'top-level-properties-order': 0
  },
  quiet: false,
  debug: false,
  exclude: []
})

// The package's own declarations lose this type on the way.
interface Linted { readonly messages: ReadonlyArray<{ readonly rule: string, readonly message: string }> }

function faultsOf (path: string): string[] {
  const linted: readonly Linted[] = linter.lintFiles([path], false)
  return linted.flatMap(({ messages }) => messages.map(({ rule, message }) => `${rule}: ${message}`))
}

t.test('docker-compose.yml follows the Compose specification', async (t) => {
  t.strictSame(faultsOf(FILE), [])
})

t.test('a compose file with an unknown key, a wrong type or an open port is found out', async (t) => {
  const broken = {
    'unknown key': text.replace('stop_grace_period:', 'stop_graceful_period:'),
    'wrong type': text.replace('cap_drop: [ALL]', 'cap_drop: ALL'),
    'unknown condition': text.replace('service_healthy', 'service_well'),
    'open port': text.replace('127.0.0.1:8080:8080', '8080:8080'),
    'image not pinned': text.replace('prom/prometheus:v3.5.0', 'prom/prometheus:latest')
  }
  const directory = t.testdir(Object.fromEntries(Object.entries(broken).map(([name, content]) => [`${name}.yml`, content])))
  for (const [name, content] of Object.entries(broken)) {
    t.not(content, text, `the copy with the ${name} differs`)
    t.ok(faultsOf(`${directory}/${name}.yml`).length > 0, name)
  }
})

t.test('without a profile there is the proxy alone, and the demo adds simulator, load and graphs', async (t) => {
  const started = (profile: string): string[] =>
    Object.keys(services).filter((name) => services[name]?.profiles?.includes(profile) ?? true).sort()
  t.strictSame(started(''), ['governor'])
  t.strictSame(started('app'), ['app', 'governor'])
  t.strictSame(started('demo'), ['governor', 'grafana', 'load', 'prometheus', 'simulator'])
})

t.test('what may refuse to start is not started again and again', async (t) => {
  t.strictSame(Object.keys(services).filter((name) => services[name]?.restart === 'no'), ['app', 'load'])
})

t.test('each file that a service mounts is there', async (t) => {
  const mounted = Object.values(services).flatMap(({ volumes }) => volumes ?? [])
    .map((volume) => volume.split(':')[0] ?? '').filter((source) => source.startsWith('./'))
  t.ok(mounted.length >= 5)
  for (const source of mounted) t.ok(existsSync(source), source)
})

t.test('the demo points the proxy at the simulator, whose scenario is valid', async (t) => {
  const variables = readFileSync('docker/demo/demo.env', 'utf8')
  t.match(variables, /^GOVERNOR_UPSTREAM=http:\/\/simulator:4010$/m)
  t.match(services['governor']?.environment?.['GOVERNOR_UPSTREAM'], /^\$\{GOVERNOR_UPSTREAM:-\}$/)
  const scenario = await loadScenario('docker/demo/scenario.yaml')
  t.equal(scenario.timeline.length, 3)
})

t.test('Prometheus scrapes the service by its name', async (t) => {
  t.match(readFileSync('docker/prometheus/prometheus.yml', 'utf8'), /'governor:9090'/)
  t.ok(services['governor'])
})
