/** What every test with an SDK needs: a simulator that is Twilio, the proxy before it, a client that knows a base URL. */
import type { Test } from 'tap'
import twilio from 'twilio'
import type { Change, SettingsPatch } from '../../src/simulator/model/scenario.ts'
import type { Simulator } from '../../src/simulator/server.ts'
import { simulator } from '../simulator/support.ts'
import { startApp, type Started } from '../support/app.ts'

export const SID = `AC${'1'.repeat(32)}`

export interface Stage extends Started {
  readonly twilio: Simulator
  /** Twilio's SDK, unmodified but for the base URLs. */
  readonly client: twilio.Twilio
}

export async function setStage (
  t: Test, patch: SettingsPatch = {}, over: Parameters<typeof startApp>[2] = {}, timeline: readonly Change[] = []
): Promise<Stage> {
  const subject = await simulator(t, patch, timeline)
  const app = await startApp(t, subject.origin, over)
  return { ...app, twilio: subject, client: clientOf(app.proxy) }
}

export function clientOf (proxy: string, sid = SID): twilio.Twilio {
  const client = twilio(sid, 'secret')
  client.api.baseUrl = proxy
  client.verify.baseUrl = `${proxy}/verify`
  client.lookups.baseUrl = `${proxy}/lookups`
  return client
}

export const text = (body: string): { to: string, from: string, body: string } => ({ to: '+15550001111', from: '+15550002222', body })
