/**
 * HAProxy 2.6 as its configuration manual allows: https://docs.haproxy.org/2.6/configuration.html, keywords in
 * quotes are its own. It is told the account's true ceiling, or the double of it, and follows no change of it.
 */
import { existsSync } from 'node:fs'
import { pinnedSteps } from '../../test/rig/scenario/capacity.ts'
import type { Contestant } from '../../test/rig/scenario/contestant.ts'
import { startConfigured } from './configured.ts'

const PROGRAM = '/usr/sbin/haproxy'

const config = (upstream: string, port: number, maxconn: number): string => `
global
  # "maxconn" (global): more clients than the load ever has; "nbthread": what a sidecar would be given
  maxconn 8000
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  # "timeout queue": how long a request may wait for a slot, then 503; as long as the proxy's own deadline
  timeout queue 25s
  # "retries" with "retry-on": 2.6 knows no 429 there ("any HTTP status code among 401, 403, 404, 408, 425, 500, 501,
  # 502, 503, 504"), and repeating a POST for any of those could send a message twice: connection failures alone
  retries 3
  retry-on conn-failure
  # "http-reuse always": a request takes any idle connection to the server
  http-reuse always
frontend applications
  bind 127.0.0.1:${port}
  default_backend twilio
backend twilio
  # "maxconn" of a server: "in HTTP mode this parameter limits the number of concurrent requests"; the rest waits in
  # one queue, first come first served. "pool-max-conn": idle connections kept
  server twilio ${new URL(upstream).host} maxconn ${maxconn} pool-max-conn -1
`

function haproxy (name: string, times: number): Contestant {
  return {
    name,
    start: (upstream, scenario) => startConfigured(PROGRAM, (file) => ['-db', '-f', file],
      (port) => config(upstream, port, Math.max(1, Math.floor(times * pinnedSteps(scenario)[0].slots))))
  }
}

export const haproxyInstalled = existsSync(PROGRAM)

export const haproxyRight = haproxy('HAProxy, maxconn = ceiling', 1)
export const haproxyDouble = haproxy('HAProxy, maxconn = 2 × ceiling', 2)
