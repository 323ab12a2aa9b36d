/** A whole application on free ports, before an upstream of the test's own. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { Test } from 'tap'
import { Agent, request as send } from 'undici'
import { createApp, type App } from '../../src/app.ts'
import { loadSettings } from '../../src/config/load.ts'
import type { Settings } from '../../src/config/schema/settings.ts'
import { createLogger } from '../../src/telemetry/log/logger.ts'

export const ACCOUNT = `AC${'a'.repeat(32)}`
export const MESSAGES = `/2010-04-01/Accounts/${ACCOUNT}/Messages.json`
export const AUTHORIZATION = `Basic ${Buffer.from(`${ACCOUNT}:secret`).toString('base64')}`

type DeepPartial<T> = { readonly [K in keyof T]?: T[K] extends readonly unknown[] ? T[K] : T[K] extends object ? DeepPartial<T[K]> : T[K] }

export interface Received { method: string, url: string, headers: IncomingMessage['headers'], rawHeaders: string[], body: Buffer }

export interface Upstream { readonly origin: string, readonly received: Received[] }

/** An upstream that answers as the test says, and keeps what it received. */
export async function startUpstream (
  t: Test, answer: (request: Received, response: ServerResponse, number: number) => void, tls?: { key: string, cert: string }
): Promise<Upstream> {
  const received: Received[] = []
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    buffer(request).then((body) => {
      const { method = '', url = '', headers, rawHeaders } = request
      const record = { method, url, headers, rawHeaders, body }
      received.push(record)
      answer(record, response, received.length)
    }, () => {})
  }
  const server = tls === undefined ? createServer(onRequest) : createTlsServer(tls, onRequest)
  const origin = await listen(t, server)
  return { origin: `http${tls === undefined ? '' : 's'}://${origin}`, received }
}

export async function listen (t: Test, server: Server): Promise<string> {
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

export interface Started {
  readonly proxy: string
  readonly admin: string
  readonly app: App
  /** Every log line so far, parsed. */
  readonly log: () => Array<Record<string, unknown>>
}

/** Default settings with `over` laid upon them, before one upstream for all of Twilio. */
export async function startApp (t: Test, upstream: string, over: DeepPartial<Settings> = {}): Promise<Started> {
  const defaults = loadSettings({
    env: { GOVERNOR_PORT: '0', GOVERNOR_ADMIN_PORT: '0', GOVERNOR_UPSTREAM: upstream, LOG_LEVEL: 'debug' }
  })
  const lines: string[] = []
  const stream = new PassThrough().setEncoding('utf8').on('data', (text: string) => { lines.push(text) })
  const settings = overlay(defaults, over) as Settings
  const app = await createApp(settings, { logger: createLogger({ level: settings.log.level, stream }), version: '0.0.0' })
  t.teardown(async () => { await app.close() })
  return {
    ...await app.listen(),
    app,
    log: () => lines.join('').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>)
  }
}

function overlay (base: unknown, over: unknown): unknown {
  if (typeof base !== 'object' || base === null || typeof over !== 'object' || over === null || Array.isArray(over)) return over ?? base
  const merged: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(over)) merged[key] = overlay(merged[key], value)
  return merged
}

export interface Answered { status: number, headers: Record<string, string | string[] | undefined>, body: Buffer, json: () => Record<string, unknown> }

/** A client of the test's own: nothing retried, nothing followed, raw bytes in and out. */
export function createClient (t: Test): (url: string, options?: { method?: string, headers?: Record<string, string> | string[], body?: Buffer | string, signal?: AbortSignal }) => Promise<Answered> {
  const agent = new Agent({ connections: 2000, pipelining: 1 })
  t.teardown(async () => { await agent.destroy() })
  return async (url, { method = 'GET', headers = { authorization: AUTHORIZATION }, body, signal } = {}) => {
    const answer = await send(url, { dispatcher: agent, method, headers, body: body ?? null, signal: signal ?? null })
    const bytes = Buffer.from(await answer.body.arrayBuffer())
    return { status: answer.statusCode, headers: answer.headers, body: bytes, json: () => JSON.parse(bytes.toString()) as Record<string, unknown> }
  }
}

/** Resolves as soon as `look` holds; the caller's test timeout is the only end. */
export async function until (look: () => boolean): Promise<void> {
  while (!look()) await new Promise((resolve) => { setImmediate(resolve) })
}
