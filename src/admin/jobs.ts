/** Deferred deletes: looked up, listed and cancelled. Nothing of their requests is shown but the route. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { JOB_STATES, type JobQuery, type Jobs, type JobState } from '../proxy/ports/deferral.ts'

const PAGE = 100
const PAGE_MOST = 1000
const ID = /^[0-9a-f]{32}$/
const RULE = /^[a-z0-9][a-z0-9-]{0,63}$/

type Parsed = { readonly query: JobQuery, readonly fault?: undefined } | { readonly fault: string }

export function registerJobs (admin: FastifyInstance, jobs: Jobs | undefined): void {
  admin.get('/jobs', async (request, reply) => {
    if (jobs === undefined) return refuseOff(reply)
    const parsed = parse(request.query as Readonly<Record<string, unknown>>)
    if (parsed.fault !== undefined) return reply.code(400).send({ error: 'bad_request', message: parsed.fault })
    const page = jobs.list(parsed.query)
    if (page === undefined) {
      return reply.code(400).send(
        { error: 'bad_request', message: 'after is not the id of a job. The job may have been forgotten.' }
      )
    }
    const last = page.jobs.at(-1)
    return reply.send({
      totals: jobs.counts(),
      jobs: page.jobs,
      next: page.more && last !== undefined ? pageAfter(parsed.query, last.id) : null
    })
  })

  admin.get('/jobs/:id', async (request, reply) => {
    if (jobs === undefined) return refuseOff(reply)
    const job = jobs.get(idOf(request))
    return job === undefined ? reply.code(404).send(UNKNOWN) : reply.send(job)
  })

  admin.delete('/jobs/:id', async (request, reply) => {
    if (jobs === undefined) return refuseOff(reply)
    const answer = await jobs.cancel(idOf(request)).catch(() => 'unwritten' as const)
    if (answer === 'unwritten') {
      return reply.code(503).send(
        { error: 'unavailable', message: 'deferral.file cannot be written, so the job has not changed.' }
      )
    }
    if (answer === undefined) return reply.code(404).send(UNKNOWN)
    const { cancelled, job } = answer
    if (cancelled) return reply.send(job)
    return reply.code(409).send({ error: 'conflict', message: `You cannot cancel a job that is ${job.state}.`, job })
  })
}

const UNKNOWN = {
  error: 'not_found',
  message: 'There is no such job. The proxy forgets finished jobs after deferral.keepMs.'
}

const refuseOff = (reply: FastifyReply): FastifyReply =>
  reply.code(404).send(
    { error: 'not_found', message: 'The proxy defers nothing: deferral.file (GOVERNOR_DEFERRAL_FILE) is not set.' }
  )

/** A text that is no id belongs to no job. */
function idOf (request: FastifyRequest): string {
  const { id } = request.params as { readonly id: string }
  return ID.test(id) ? id : ''
}

function parse ({ state, rule, limit = String(PAGE), after }: Readonly<Record<string, unknown>>): Parsed {
  if (state !== undefined && !isState(state)) return { fault: `state must be one of ${JOB_STATES.join(', ')}.` }
  if (rule !== undefined && !(typeof rule === 'string' && RULE.test(rule))) {
    return { fault: 'rule must be the name of a rule.' }
  }
  if (after !== undefined && !(typeof after === 'string' && ID.test(after))) {
    return { fault: 'after must be the id of a job.' }
  }
  const most = typeof limit === 'string' && /^\d{1,4}$/.test(limit) ? Number(limit) : 0
  if (most < 1 || most > PAGE_MOST) return { fault: `limit must be a whole number from 1 to ${PAGE_MOST}.` }
  return {
    query: {
      limit: most,
      ...state === undefined ? {} : { state },
      ...rule === undefined ? {} : { rule },
      ...after === undefined ? {} : { after }
    }
  }
}

const isState = (value: unknown): value is JobState => (JOB_STATES as readonly unknown[]).includes(value)

function pageAfter ({ state, rule, limit }: JobQuery, after: string): string {
  return `/jobs?${new URLSearchParams({ ...state === undefined ? {} : { state }, ...rule === undefined ? {} : { rule }, limit: String(limit), after }).toString()}`
}
