/** A proxy with an authority of its own, before an upstream that tells what it got. */
import { readFileSync } from 'node:fs'
import type { Test } from 'tap'
import { initAuthority } from '../../src/interception/authority.ts'
import { startApp, startUpstream, type Started, type Upstream } from '../support/app.ts'

export const HOST = 'api.twilio.com'

export interface Stage { readonly governor: Started, readonly upstream: Upstream, readonly ca: string }

export async function start (t: Test, tunnels: readonly string[] = []): Promise<Stage> {
  const caDir = t.testdir({})
  const { certificateFile } = await initAuthority(caDir, Date.now())
  const upstream = await startUpstream(t, ({ body }, response) => {
    response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ got: body.toString() }))
  })
  const governor = await startApp(t, upstream.origin, { interception: { caDir, tunnels } })
  return { governor, upstream, ca: readFileSync(certificateFile, 'utf8') }
}

export const tunnelLines = ({ log }: Started): unknown[] => log().filter(({ msg }) => msg === 'tunnel').map(({ host, outcome, client }) => [host, outcome, client])
