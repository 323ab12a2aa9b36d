/** Many accounts: what finding one of them and passing its gate costs, by how many there are. */
import { systemClock } from '../../src/system-clock.ts'
import { Accounts } from '../../src/proxy/gate/accounts.ts'
import { Permit } from '../../src/proxy/gate/permit.ts'
import { ceiling, GATE_OPTIONS } from './gates.ts'
import { bytesEach, cost, type Cost } from './measure.ts'
import { Visitor } from './visitor.ts'

const REPORTED = { concurrency: 5, durationMs: 100 }
/** No two requests in a row are of one account, and none follows its neighbour in memory. */
const STEP = 7919
const IDLE_MS = 3_600_000

export interface ManyAccounts {
  readonly accounts: number
  /** The account of a request is found, and it is admitted, learnt from and ended. */
  readonly request: Cost
  /** The table is full: a newcomer takes the place of an idle account. */
  readonly newcomer: Cost
  /** The same while every account has a request in flight, so that the newcomer has to share. */
  readonly newcomerWhileBusy: Cost
  readonly accountBytes: number
}

export async function measureAccounts (count: number): Promise<ManyAccounts> {
  const accounts = new Accounts({ map: {}, max: count, idleMs: IDLE_MS }, GATE_OPTIONS, ceiling, systemClock, () => undefined)
  const names = Array.from({ length: count }, (_, i) => sid(i))
  const credentials = names.map((name) => `Basic ${Buffer.from(`${name}:token`).toString('base64')}`)
  const visitor = new Visitor(0, systemClock.nowMs())
  const admit = (i: number): Permit => {
    const permit = accounts.of(credentials[i % count], `/2010-04-01/Accounts/${names[i % count]}/Messages.json`, undefined).gate.admit(visitor, false)
    if (!(permit instanceof Permit)) throw new Error('there was no room')
    return permit
  }
  const accountBytes = await bytesEach(count, () => {
    for (let i = 0; i < count; i++) request(admit(i))
    return accounts
  })
  let next = 0
  const requestCost = await cost((times) => {
    for (let i = 0; i < times; i++) request(admit(next += STEP))
  })
  let stranger = count
  const meet = (times: number): void => {
    for (let i = 0; i < times; i++) accounts.of(undefined, `/2010-04-01/Accounts/${sid(stranger++)}/Messages.json`, undefined)
  }
  const newcomer = await cost(meet)
  const permits = names.map((_, i) => admit(i))
  const newcomerWhileBusy = await cost(meet)
  for (const permit of permits) permit.end()
  accounts.close()
  return { accounts: count, request: requestCost, newcomer, newcomerWhileBusy, accountBytes }
}

function request (permit: Permit): void {
  permit.admitted(REPORTED)
  permit.end()
}

function sid (i: number): string { return `AC${i.toString(16).padStart(32, '0')}` }
