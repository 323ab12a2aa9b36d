import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import t from 'tap'
import type * as api from '../../index.d.ts'
import { startGovernor } from '../../src/index.ts'

interface Packed { readonly files: ReadonlyArray<{ readonly path: string, readonly size: number }> }
interface Locked { readonly dev?: true, readonly engines?: { readonly node?: string } }

/** In the repository alone: sources, and pages of measurements, which are ten times as large as all other docs. */
const IN_REPOSITORY = /^(?:src|test|bench|docs\/benchmarks)\//

const files = (JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' })) as [Packed])[0].files
const paths = new Set(files.map(({ path }) => path))

t.test('the package carries what its pages link to', async (t) => {
  const pages = [...paths].filter((path) => path.endsWith('.md'))
  t.ok(pages.length > 20)
  for (const page of pages) {
    for (const [, link = ''] of readFileSync(page, 'utf8').matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(link)) continue
      const target = posix.normalize(posix.join(posix.dirname(page), link)).replace(/\/$/, '')
      if (!IN_REPOSITORY.test(`${target}/`)) t.ok(paths.has(target) || [...paths].some((path) => path.startsWith(`${target}/`)), `${page}: ${link}`)
    }
  }
})

t.test('it carries docker/, licence and security policy, and no pages of measurements', async (t) => {
  for (const path of ['bin/twilio-governor.js', 'index.d.ts', 'LICENSE', 'README.md', 'SECURITY.md', 'docker/kubernetes/sidecar.yaml']) t.ok(paths.has(path), path)
  t.strictSame([...paths].filter((path) => /^(?:src|test|bench|docs\/benchmarks|\.ci)\//.test(path)), [])
  t.ok(files.filter(({ path }) => !path.startsWith('dist/')).reduce((sum, { size }) => sum + size, 0) < 600_000)
})

t.test('it says where it comes from, where faults are told, and what its types are', async (t) => {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, unknown>
  t.match(manifest, {
    repository: { type: 'git', url: /^git\+https:/ },
    homepage: /^https:/,
    bugs: { url: /^https:/ },
    keywords: ['twilio'],
    types: './index.d.ts',
    exports: { '.': { types: './index.d.ts' } }
  })
})

t.test('nothing that it depends on needs a newer Node than it does', async (t) => {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> }
  const fits = (range: string): boolean => range.split('||').some((part) => {
    const [, major, minor = '0'] = /(\d+)(?:\.(\d+))?/.exec(part) ?? []
    return major === undefined || (part.includes('>') ? Number(major) < 20 || (Number(major) === 20 && Number(minor) <= 19) : Number(major) === 20)
  })
  const demanding = Object.entries(packages).filter(([, { dev, engines }]) => dev !== true && !fits(engines?.node ?? '*'))
  t.strictSame(demanding.map(([name, { engines }]) => `${name} ${engines!.node}`), [])
})

t.test('sources that were never built say so in one sentence', async (t) => {
  const folder = t.testdir({ 'package.json': '{ "type": "module" }', bin: { 'twilio-governor.js': readFileSync('bin/twilio-governor.js', 'utf8') } })
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${folder}/bin/twilio-governor.js`, '--version'], { encoding: 'utf8' })
  t.equal(status, 1)
  t.equal(stdout, '')
  t.match(stderr, /^twilio-governor is not built: .* without --ignore-scripts, .*\n$/)
})

t.test('a proxy starts within a process', async (t) => {
  const start: typeof api.startGovernor = startGovernor
  const governor = await start({ env: { GOVERNOR_PORT: '0', GOVERNOR_ADMIN_PORT: '0', GOVERNOR_UPSTREAM: 'http://127.0.0.1:9', LOG_LEVEL: 'silent' } })
  t.equal((await fetch(`${governor.admin}/readyz`)).status, 200)
  t.match(governor.proxy, /^http:\/\/127\.0\.0\.1:\d+$/)
  await governor.close()
  await t.rejects(start({ env: { GOVERNOR_PORT: 'x' } }), { message: /GOVERNOR_PORT/ })
})
