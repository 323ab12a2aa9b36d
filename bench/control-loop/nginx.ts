/**
 * nginx 1.22 as its documentation allows: https://nginx.org/en/docs/http/, directives in quotes are its own. It has
 * no queue for concurrency ("queue" is part of the commercial version), so there are two ways, each with its price.
 * Both are told what the account takes and follow no change of it.
 */
import { existsSync } from 'node:fs'
import { startOf } from '../../src/simulator/model/scenario.ts'
import { fixedCapacity, pinnedSteps } from '../../test/rig/scenario/capacity.ts'
import type { Contestant } from '../../test/rig/scenario/contestant.ts'
import type { Scenario } from '../../test/rig/scenario/format.ts'
import { startConfigured } from './configured.ts'

const PROGRAM = '/usr/sbin/nginx'
const DEADLINE_S = 25

interface Rule {
  /** Declares the zone. */
  readonly zone: string
  readonly use: string
}

const config = (upstream: string, port: number, { zone, use }: Rule): string => `
daemon off;
# One process and no more, as a sidecar would be: its counts are exact, and to end it is to end all of it.
master_process off;
worker_rlimit_nofile 18000;
error_log stderr crit;
pid nginx.pid;
events { worker_connections 17000; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  # "keepalive_requests": a client's connection is not closed every 1000 requests
  keepalive_requests 1000000;
  ${zone}
  upstream twilio {
    # The same server twice: "proxy_next_upstream" passes a request "to the next server", and there is but one Twilio.
    # "max_fails=0" disables the accounting of attempts, or a few 429s would take the server out of use
    server ${new URL(upstream).host} max_fails=0;
    server ${new URL(upstream).host} max_fails=0;
    # "keepalive": idle connections kept to upstream servers, for which version 1.1 and an empty Connection are needed
    keepalive 2000;
    keepalive_requests 1000000;
  }
  server {
    listen 127.0.0.1:${port} backlog=8192;
    location / {
      ${use}
      proxy_pass http://twilio;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_read_timeout 60s;
      # "http_429" (1.11.13), and "non_idempotent", without which no POST would be passed on. At once, and once
      # for each server: there is no wait between tries
      proxy_next_upstream error http_429 non_idempotent;
      proxy_next_upstream_tries 2;
    }
  }
}
`

// The key of the zones is the same for all requests; an empty one, as $server_name is here, would not be accounted.
const nginx = (name: string, rule: (scenario: Scenario) => Rule): Contestant => ({
  name,
  start: (upstream, scenario) => startConfigured(PROGRAM, (file, folder) => ['-p', folder, '-c', file, '-e', 'stderr'],
    (port) => config(upstream, port, rule(scenario)))
})

export const nginxInstalled = existsSync(PROGRAM)

/** "limit_conn": concurrent requests, the excess refused at once with "limit_conn_status". */
export const nginxConnections = nginx('nginx, limit_conn = ceiling', (scenario) => ({
  zone: 'limit_conn_zone $server_port zone=twilio:1m; limit_conn_status 429;',
  use: `limit_conn twilio ${pinnedSteps(scenario)[0].slots};`
}))

/**
 * "limit_req" with "burst": a rate, the excess delayed in turn. A rate is no concurrency: it has to be worked out from
 * the ceiling and a service time that somebody measured, here the true mean. "burst" is as much as can wait until the
 * deadline; without "nodelay" the excess waits.
 */
export const nginxRate = nginx('nginx, limit_req = capacity', (scenario) => {
  const perSecond = Math.max(1, Math.floor(fixedCapacity(startOf(scenario.simulator)) / scenario.proxies.count))
  return {
    zone: `limit_req_zone $server_port zone=twilio:1m rate=${perSecond}r/s; limit_req_status 429;`,
    use: `limit_req zone=twilio burst=${perSecond * DEADLINE_S};`
  }
})
