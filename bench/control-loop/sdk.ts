import twilio from 'twilio'
import type { Caller } from '../../test/rig/scenario/caller.ts'
import type { Contestant } from '../../test/rig/scenario/contestant.ts'

/**
 * No proxy: twilio-node, whose `autoRetry` repeats a 429 up to three times after random × 200, 400, 800 ms. Its own
 * agent, which opens 20 sockets at most, is for https; towards the simulator there are as many as requests at once.
 */
export const sdkAutoRetry: Contestant = {
  name: 'twilio-node autoRetry, no proxy',
  start: async (upstream) => ({ pid: process.pid, caller: createSdkCaller(upstream), stop: async () => {} })
}

function createSdkCaller (origin: string): Caller {
  const client = twilio(`AC${'0'.repeat(31)}1`, 'token', { autoRetry: true })
  const { httpClient } = client
  return {
    call: ({ method, path, headers, body }, done) => {
      const [username = '', password = ''] = Buffer.from(headers['authorization']?.slice(6) ?? '', 'base64').toString().split(':')
      httpClient.request({
        method: method === 'GET' ? 'get' : 'post',
        uri: origin + path,
        username,
        password,
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        ...(body === undefined ? {} : { data: Object.fromEntries(new URLSearchParams(body)) })
      }).then(
        ({ statusCode }) => done({ status: statusCode, attempts: 0, shed: false }),
        () => done({ status: 0, attempts: 0, shed: false }))
    },
    close: async () => {}
  }
}
