import type { Test } from 'tap'
import { request as send } from 'undici'
import { createScenario, type Change, type SettingsPatch } from '../../src/simulator/model/scenario.ts'
import { startSimulator, type Simulator } from '../../src/simulator/server.ts'

export const SID = `AC${'1'.repeat(32)}`
export const AUTHORIZATION = `Basic ${Buffer.from(`${SID}:secret`).toString('base64')}`
export const MESSAGES = `/2010-04-01/Accounts/${SID}/Messages.json`

/** A simulator without delays, unless the patch says otherwise; stopped when the test ends. */
export async function simulator (t: Test, patch: SettingsPatch = {}, timeline: readonly Change[] = []): Promise<Simulator> {
  const subject = await startSimulator({
    scenario: createScenario({ wireDelayMs: 0, latency: { medianMs: 0, p99Ms: 0 }, refusals: { delayMs: 0 }, ...patch }, timeline)
  })
  t.teardown(() => subject.close())
  return subject
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  // Tests look into it at will; a wrong look fails the test.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly json: () => any
}

export interface Asked {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'DELETE'
  readonly form?: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export async function ask ({ origin }: Simulator, path: string, { method, form, json, headers }: Asked = {}): Promise<Answer> {
  const body = form === undefined ? (json === undefined ? null : JSON.stringify(json)) : new URLSearchParams(form).toString()
  const answer = await send(origin + path, {
    method: method ?? (body === null ? 'GET' : 'POST'),
    headers: {
      authorization: AUTHORIZATION,
      ...(body === null ? {} : { 'content-type': form === undefined ? 'application/json' : 'application/x-www-form-urlencoded' }),
      ...headers
    },
    body
  })
  const text = await answer.body.text()
  return { status: answer.statusCode, headers: answer.headers, text, json: () => JSON.parse(text) }
}

/** Path, without extension, of a recording that the account has from the start. */
export async function recordingPath (subject: Simulator): Promise<string> {
  const { recordings: [recording] } = (await ask(subject, `/2010-04-01/Accounts/${SID}/Recordings.json`)).json()
  return `/2010-04-01/Accounts/${SID}/Recordings/${recording.sid as string}`
}

export const message = (body: string): Asked => ({ form: { To: '+15550001111', From: '+15550002222', Body: body } })
