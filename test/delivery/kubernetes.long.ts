import { readFileSync } from 'node:fs'
import type { IDeployment } from 'kubernetes-models/apps/v1'
import type { IConfigMap } from 'kubernetes-models/v1'
import t, { type Test } from 'tap'
import { loadSettings } from '../../src/config/load.ts'
import { manifestsIn, schemaFaults, typeFaults } from './manifest.ts'

const text = readFileSync('docker/kubernetes/sidecar.yaml', 'utf8')
const manifests = manifestsIn(text)
const config = manifests.find(({ kind }) => kind === 'ConfigMap') as IConfigMap
const pod = (manifests.find(({ kind }) => kind === 'Deployment') as IDeployment).spec!.template.spec!
const governor = pod.initContainers![0]!
const app = pod.containers[0]!

function settings (t: Test): ReturnType<typeof loadSettings> {
  const directory = t.testdir({ 'config.yaml': config.data!['config.yaml']! })
  const env = Object.fromEntries(governor.env!.map(({ name, value }) => [name, value]))
  return loadSettings({ env: { ...env, GOVERNOR_CONFIG: `${directory}/config.yaml` }, cwd: directory })
}

t.test('the manifest follows the schemas of Kubernetes', async (t) => {
  t.strictSame(manifests.map(({ kind }) => kind), ['ConfigMap', 'Deployment', 'Service', 'NetworkPolicy'])
  t.strictSame(schemaFaults(manifests), [])
})

t.test('the manifest has no field that Kubernetes does not know', async (t) => {
  t.strictSame(typeFaults(manifests), [])
})

t.test('a manifest with a field missing, of a wrong type or of a foreign kind is found out', async (t) => {
  const broken = {
    'no selector': text.replace(/ {2}selector:\n {4}matchLabels.*\n {2}template/, '  template'),
    'port in words': text.replace('containerPort: 9090', 'containerPort: admin'),
    'no probe port': text.replace('path: /livez, port: admin', 'path: /livez'),
    'foreign kind': text.replace('kind: Deployment', 'kind: Deploiment')
  }
  for (const [name, content] of Object.entries(broken)) {
    t.not(content, text, `the copy with ${name} differs`)
    t.ok(schemaFaults(manifestsIn(content)).length > 0, name)
  }
})

t.test('a misspelt field is found out, though it breaks no schema', async (t) => {
  const misspelt = manifestsIn(text.replace('restartPolicy: Always', 'restartPolcy: Always'))
  t.strictSame(schemaFaults(misspelt), [])
  t.match(typeFaults(misspelt).join('\n'), /restartPolcy/)
})

t.test('the proxy is a native sidecar that the application waits for', async (t) => {
  t.equal(governor.restartPolicy, 'Always')
  t.strictSame(
    [governor.startupProbe, governor.readinessProbe, governor.livenessProbe].map((probe) => probe?.httpGet?.path),
    ['/readyz', '/readyz', '/livez']
  )
})

t.test('its configuration is valid, and lets in the pod alone', async (t) => {
  const { listen, admin } = settings(t)
  t.equal(listen.host, '127.0.0.1')
  t.equal(admin.host, '0.0.0.0')
  t.equal(admin.port, governor.ports![0]!.containerPort)
  t.ok(app.env!.some(({ value }) => value === `http://127.0.0.1:${listen.port}`), 'the application is told where the proxy is')
})

t.test('the pod stops slowly enough for the pause, the application and the drain', async (t) => {
  const pauseS = app.lifecycle!.preStop!.sleep!.seconds
  const drainS = settings(t).shutdown.graceMs / 1000
  t.ok(pod.terminationGracePeriodSeconds! >= pauseS + 25 + drainS)
})

t.test('memory is allowed for all bodies that may wait, and as much again for the process', async (t) => {
  const limit = /^(\d+)Mi$/.exec(String(governor.resources!.limits!['memory']))
  t.ok(Number(limit![1]) * 2 ** 20 >= 2 * settings(t).body.maxWaitingBytes)
})
