/** The bare @fastify/http-proxy with its own HTTP client: the yardstick. Takes the upstream's origin, prints its own. */
import httpProxy from '@fastify/http-proxy'
import fastify from 'fastify'

const app = fastify({ logger: false })
await app.register(httpProxy, { upstream: process.argv[2] ?? '', disableRequestLogging: true, undici: { connections: 1024, pipelining: 1 } })
console.log(JSON.stringify({ origin: await app.listen({ port: 0, host: '127.0.0.1' }) }))
