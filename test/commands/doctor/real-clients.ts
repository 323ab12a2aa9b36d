/**
 * Real clients in an environment, beside what the doctor says of it. No name of Twilio's resolves for the clients, so
 * what leads past the proxy leads nowhere.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { diagnose } from '../../../src/commands/doctor/diagnose.ts'
import { examine } from '../../../src/commands/doctor/examine.ts'
import type { Sdk } from '../../../src/commands/doctor/finding.ts'
import { initAuthority } from '../../../src/interception/authority.ts'
import type { Simulator } from '../../../src/simulator/server.ts'
import { SID, simulator } from '../../simulator/support.ts'
import { listen, startApp, type Started } from '../../support/app.ts'
import { run } from '../../support/programs.ts'

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const PYTHON = '/usr/bin/python3'
const CURL = '/usr/bin/curl'

export type Client = 'node' | 'python' | 'curl'
type Product = 'api' | 'verify'
export type Environment = Readonly<Record<string, string>>

export const MISSING: Readonly<Record<Client, string | false>> = {
  node: false,
  python: existsSync('/usr/lib/python3/dist-packages/twilio') ? false : 'python3-twilio is not installed',
  curl: existsSync(CURL) ? false : 'curl is not installed'
}

function command (client: Client, product: Product, baseUrl: string | undefined): readonly [string, ...string[]] {
  const base = baseUrl === undefined ? [] : [baseUrl]
  switch (client) {
    case 'node': return [process.execPath, script('client-node.mjs'), SID, product, ...base]
    case 'python': return [PYTHON, script('client-python.py'), SID, product, ...base]
    // Where it goes directly it meets a port of this machine on which nobody listens.
    case 'curl': return [CURL, '-sf', '-m', '5', '--resolve', 'api.twilio.com:443:127.0.0.1', '-u', `${SID}:secret`, `${baseUrl ?? 'https://api.twilio.com'}/2010-04-01/Accounts/${SID}/Messages.json`]
  }
}

interface Stage {
  readonly twilio: Simulator
  readonly governor: Started
  readonly folder: string
  /** The certificate of the proxy's authority, that of another, and a file with both. */
  readonly ca: string
  readonly other: string
  readonly bundle: string
  /** A proxy that is not ours. */
  readonly foreign: string
}

export async function setStage (t: Test): Promise<Stage> {
  const folder = t.testdir({ other: {} })
  const { certificateFile, certificate } = await initAuthority(folder, Date.now())
  const { certificateFile: other } = await initAuthority(join(folder, 'other'), Date.now())
  const bundle = join(folder, 'mine.pem')
  writeFileSync(bundle, `${readFileSync(other, 'utf8')}\n# and\r\n${certificate.replaceAll('\n', '\r\n')}`)
  const twilio = await simulator(t)
  const governor = await startApp(t, twilio.origin, { interception: { caDir: folder } })
  const foreign = createServer((_request, response) => { response.writeHead(502).end() })
  foreign.on('connect', (_request, socket) => { socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n') })
  return { twilio, governor, folder, ca: certificateFile, other, bundle, foreign: `http://${await listen(t, foreign)}` }
}

/** Did everything that the client wanted come through the proxy? And what was said of it? */
export async function compare (t: Test, { governor, twilio, folder }: Stage, client: Client, env: Environment, baseUrl?: string, product: Product = 'api'): Promise<void> {
  const { facts } = await examine({ env, proxy: governor.proxy, baseUrl, admin: governor.admin, folder, sdks: [client satisfies Sdk], versions: {}, nowMs: Date.now() })
  const said = diagnose(env, facts, [client]).filter(({ sdk, verdict }) => sdk === client && verdict !== 'advice').map(({ verdict, code }) => `${verdict} ${code}`)
  const before = twilio.stats().received
  const [program, ...args] = command(client, product, baseUrl)
  const { code, stderr } = await run(t, program, args, { env }).ended
  const came = code === 0 && twilio.stats().received > before
  const where = Object.entries(env).map(([name, value]) => `${name}=${value.replace(governor.proxy, 'PROXY').replace(folder, '')}`).join(' ')
  t.equal(said.length === 1 && said[0]?.startsWith('through') === true, came, `${client}: ${said.join(', ')}, with ${where === '' ? 'nothing set' : where}${came ? '' : `; it says ${stderr.trim().split('\n').at(-1)?.slice(0, 80) ?? ''}`}`)
}
