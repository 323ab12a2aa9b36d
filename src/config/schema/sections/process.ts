import { section } from '../section.ts'

export const log = section('The log: one JSON object a line on standard output.', {
  level: {
    type: 'string',
    enum: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    default: 'info',
    description: 'Least severity that the proxy writes. info has one line for each request, warn only what you should look at.'
  }
})

export const shutdown = section('What happens on SIGTERM and SIGINT.', {
  graceMs: {
    type: 'integer',
    default: 25000,
    minimum: 0,
    maximum: 600000,
    description: 'Milliseconds that requests in flight and queued requests get to finish. Keep it below the grace period of your platform (30000 on Kubernetes by default).'
  }
})
