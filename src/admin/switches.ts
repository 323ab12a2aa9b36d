/** Kill switches over HTTP: shown, thrown and released. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { KillSwitch } from '../proxy/guard/kill-switch.ts'
import type { Switches } from '../proxy/guard/switches.ts'
import type { AccountNames } from '../telemetry/account-names.ts'
import type { Product } from '../twilio/types.ts'
import { readOrder, SWITCH_NAME } from './switch-order.ts'

export interface SwitchesOptions {
  readonly switches: Pick<Switches, 'all' | 'get' | 'turnOn' | 'turnOff'>
  readonly names: Pick<AccountNames, 'canonical' | 'show'>
  /** Those that have a host. */
  readonly products: ReadonlySet<Product>
}

/** A switch as people see it. */
export interface SwitchView {
  readonly name: string
  readonly account: string | null
  readonly product: Product | null
  readonly caller: string | null
  readonly reads: boolean
  readonly reason: string | null
  readonly since: string
  /** Null for one that stays until it is released. */
  readonly until: string | null
}

/** Switches on at once: more would be a list of customers, which belongs elsewhere. */
const SWITCHES_MOST = 100
const BODY_MOST_BYTES = 4096

export function viewSwitch (
  { name, account, product, caller, reads, reason, thrownAtMs, untilMs }: KillSwitch,
  show: (named: string) => string
): SwitchView {
  const until = untilMs === null ? null : new Date(untilMs).toISOString()
  return {
    name,
    account: account === null ? null : show(account),
    product,
    caller,
    reads,
    reason,
    since: new Date(thrownAtMs).toISOString(),
    until
  }
}

/** `epochMs`: since 1970, milliseconds. */
export function addSwitches (
  admin: FastifyInstance,
  { switches, names, products }: SwitchesOptions,
  epochMs: () => number
): void {
  const view = (one: KillSwitch): SwitchView => viewSwitch(one, names.show)

  admin.get('/switches', (_request, reply) => reply.send({ switches: switches.all().map(view) }))

  admin.get<{ Params: { name: string } }>('/switches/:name', (request, reply) => {
    const one = switches.get(request.params.name)
    return one === undefined ? reply.code(404).send({ error: 'no_such_switch' }) : reply.send({ switch: view(one) })
  })

  admin.put<{ Params: { name: string } }>('/switches/:name', {
    bodyLimit: BODY_MOST_BYTES,
    errorHandler: refuseBody
  }, async (request, reply) => {
    const { name } = request.params
    if (!SWITCH_NAME.test(name)) {
      return reply.code(400).send({
        error: 'bad_request',
        faults: [{
          key: 'name',
          message: 'must have 1 to 64 letters, digits, dots, hyphens or underscores, and not begin with a dot'
        }]
      })
    }
    const order = readOrder(name, request.body, { epochMs: epochMs(), account: names.canonical, products })
    if (!('name' in order)) return reply.code(400).send({ error: 'bad_request', faults: order })
    const isNew = switches.get(name) === undefined
    if (isNew && switches.all().length >= SWITCHES_MOST) {
      return reply.code(409).send({ error: 'too_many_switches', most: SWITCHES_MOST })
    }
    const { durable, refused } = await switches.turnOn(order)
    return reply.code(isNew ? 201 : 200).send({ switch: view(order), durable, refusedWaiting: refused })
  })

  admin.delete<{ Params: { name: string } }>('/switches/:name', async (request, reply) => {
    const changed = await switches.turnOff(request.params.name)
    return changed === undefined
      ? reply.code(404).send({ error: 'no_such_switch' })
      : reply.send({ released: request.params.name, durable: changed.durable })
  })
}

/** What is no JSON, or too long: told as other faults are. */
function refuseBody ({ statusCode = 500, name }: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  if (statusCode >= 500) reply.code(statusCode).send({ error: 'internal', type: name })
  else {
    reply.code(statusCode).send({
      error: 'bad_request',
      faults: [{ key: 'body', message: `must be a JSON object of at most ${BODY_MOST_BYTES} bytes` }]
    })
  }
}
