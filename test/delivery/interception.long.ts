import { DCLinter } from 'dclint'
import { readFileSync } from 'node:fs'
import type { IDeployment } from 'kubernetes-models/apps/v1'
import t from 'tap'
import { parse } from 'yaml'
import { manifestsIn, schemaFaults, typeFaults } from './manifest.ts'

interface Operation { readonly op: string, readonly path: string, readonly value: unknown }

const { patches: [patch], resources } = parse(readFileSync('docker/kubernetes/kustomization.yaml', 'utf8')) as { patches: Array<{ patch: string }>, resources: string[] }

/** The part of JSON Patch (RFC 6902) that the file uses. */
function apply (target: unknown, { op, path, value }: Operation): void {
  const keys = path.split('/').slice(1)
  const last = keys.pop() ?? ''
  const at = keys.reduce((node, key) => (node as Record<string, unknown>)[key], target)
  if (at === undefined) throw new Error(`${path}: nothing is there`)
  if (!Array.isArray(at)) (at as Record<string, unknown>)[last] = value
  else if (last === '-') at.push(value)
  else at.splice(Number(last), op === 'replace' ? 1 : 0, value)
}

function patched (): { readonly manifests: ReturnType<typeof manifestsIn>, readonly pod: NonNullable<NonNullable<IDeployment['spec']>['template']['spec']> } {
  const manifests = manifestsIn(readFileSync(`docker/kubernetes/${resources[0]}`, 'utf8'))
  const deployment = manifests.find(({ kind }) => kind === 'Deployment') as IDeployment
  for (const operation of parse(patch!.patch) as Operation[]) apply(deployment, operation)
  return { manifests, pod: deployment.spec!.template.spec! }
}

const valuesOf = (env: ReadonlyArray<{ name: string, value?: string }> = []): Record<string, string | undefined> => Object.fromEntries(env.map(({ name, value }) => [name, value]))

t.test('the sidecar with an authority follows the schemas and the types of Kubernetes', async (t) => {
  const { manifests } = patched()
  t.strictSame(schemaFaults(manifests), [])
  t.strictSame(typeFaults(manifests), [])
})

t.test('the authority is made before the proxy starts, by the same image, where the proxy looks for it', async (t) => {
  const { pod: { initContainers = [] } } = patched()
  const [ca, governor] = initContainers
  t.strictSame(initContainers.map(({ name }) => name), ['governor-ca', 'governor'])
  t.equal(ca!.image, governor!.image)
  t.equal(ca!.restartPolicy, undefined, 'it ends before the proxy starts')
  t.strictSame(ca!.args, ['ca', 'ensure', '--dir', valuesOf(governor!.env)['GOVERNOR_CA_DIR']])
  t.ok(governor!.volumeMounts!.some(({ mountPath, readOnly }) => mountPath === valuesOf(governor!.env)['GOVERNOR_CA_DIR'] && readOnly === true))
})

t.test('the application is told of the proxy by variables alone, and sees the certificates but not the key', async (t) => {
  const { pod: { containers: [app], volumes = [] } } = patched()
  const env = valuesOf(app!.env)
  t.match(env, { HTTP_PROXY: 'http://127.0.0.1:8080', HTTPS_PROXY: 'http://127.0.0.1:8080' })
  t.equal(env['TWILIO_BASE_URL'], undefined)
  t.ok('TWILIO_ACCOUNT_SID' in env, 'the rest is as it was')
  t.strictSame(app!.volumeMounts!.map(({ subPath }) => subPath), ['ca.pem', 'all.pem'])
  const mounted = new Set(app!.volumeMounts!.map(({ mountPath }) => mountPath))
  for (const name of ['NODE_EXTRA_CA_CERTS', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'SSL_CERT_FILE']) t.ok(mounted.has(env[name]!), name)
  t.ok(volumes.some(({ name, emptyDir }) => name === 'governor-ca' && emptyDir?.medium === 'Memory'))
})

t.test('the Compose file for it follows the specification, and shows the application no key', async (t) => {
  const file = 'docker/interception/compose.yaml'
  interface Linted { readonly messages: ReadonlyArray<{ readonly rule: string, readonly message: string }> }
  const linted: readonly Linted[] = new DCLinter({ rules: {}, quiet: true, debug: false, exclude: [] }).lintFiles([file], false)
  t.strictSame(linted.flatMap(({ messages }) => messages).filter(({ rule }) => rule === 'invalid-schema'), [])
  interface Service { readonly environment: Readonly<Record<string, string>>, readonly volumes: readonly string[] }
  const { services: { governor, app } } = parse(readFileSync(file, 'utf8')) as { services: Record<'governor' | 'app', Service> }
  t.ok(governor.volumes.some((volume) => volume === `./ca:${governor.environment['GOVERNOR_CA_DIR']}:ro`))
  const mounted = new Set(app.volumes.map((volume) => volume.split(':')[1]))
  for (const name of ['NODE_EXTRA_CA_CERTS', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'SSL_CERT_FILE']) t.ok(mounted.has(app.environment[name]), name)
  t.strictSame(app.volumes.map((volume) => volume.split(':')[0]), ['./ca/ca.pem', './ca/all.pem'])
})
