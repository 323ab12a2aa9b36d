/** Reads an order to stop something. It reports all faults of the order at once. */
import type { KillSwitch } from '../proxy/guard/kill-switch.ts'
import type { Product } from '../twilio/types.ts'

export interface OrderFault {
  /** The key at fault; `body` for all of it. */
  readonly key: string
  readonly message: string
}

interface Reading {
  readonly epochMs: number
  /** The stored form of an account's name; undefined for a text that names no account. */
  readonly account: (named: string) => string | undefined
  readonly products: ReadonlySet<Product>
}

const KEYS = ['account', 'product', 'caller', 'all', 'reads', 'reason', 'forMs', 'untilMs'] as const
/** No `..`, which clients take for a way up in a path. */
export const SWITCH_NAME = /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}$/
const CALLER = /^[A-Za-z0-9_.:-]{0,64}\*?$/
/** Nothing that could break a line of a log or an error text. */
const REASON = /^[^\p{C}\p{Zl}\p{Zp}]{1,200}$/u
const LEAST_MS = 1_000
/** A year and a day. */
const MOST_MS = 366 * 86_400_000

export function readOrder (
  name: string,
  body: unknown,
  { epochMs, account: accountOf, products }: Reading
): KillSwitch | readonly OrderFault[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return [{ key: 'body', message: `must be a JSON object with some of ${KEYS.join(', ')}` }]
  }
  const order = body as Readonly<Record<string, unknown>>
  const faults: OrderFault[] = Object.keys(order).filter((key) => !KEYS.some((known) => known === key))
    .map((key) => ({ key: key.slice(0, 40), message: `is unknown; accepted are ${KEYS.join(', ')}` }))

  /** The value of a key that is there and fits; what is null counts as left out. */
  function take<T> (key: typeof KEYS[number], must: string, fit: (value: unknown) => T | undefined): T | null {
    const value = order[key]
    if (value === undefined || value === null) return null
    const fitting = fit(value)
    if (fitting === undefined) faults.push({ key, message: `must be ${must}; found ${found(value)}` })
    return fitting ?? null
  }
  const text = (fits: (text: string) => boolean) =>
    (value: unknown): string | undefined => typeof value === 'string' && fits(value) ? value : undefined
  const flag = (value: unknown): boolean | undefined => typeof value === 'boolean' ? value : undefined
  const whole = (least: number, most: number) => (value: unknown): number | undefined =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most ? value : undefined

  const account = take(
    'account',
    'an account SID, an alias of accounts.aliases, or what /state shows of an account',
    (value) => typeof value === 'string' ? accountOf(value) : undefined
  )
  const product = take(
    'product',
    'a product: the first label of its API host, such as verify; list a new one in upstream.hosts',
    text((value) => products.has(value))
  )
  const caller = take(
    'caller',
    'a name that Governor-Caller may have, or an address; a * at its end stands for anything',
    text((value) => value !== '' && CALLER.test(value))
  )
  const all = take('all', 'true or false', flag)
  const reads = take('reads', 'true or false', flag) ?? false
  const reason = take('reason', '1 to 200 printable characters', text((value) => REASON.test(value)))
  const forMs = take('forMs', `a whole number of milliseconds from ${LEAST_MS} to ${MOST_MS}`, whole(LEAST_MS, MOST_MS))
  const untilMs = take(
    'untilMs',
    'a moment after now and within a year, in whole milliseconds since 1970',
    whole(epochMs + 1, epochMs + MOST_MS)
  )
  const narrowed = ['account', 'product', 'caller'].some((key) => order[key] !== undefined && order[key] !== null)
  if (!narrowed && all !== true) {
    faults.push({
      key: 'all',
      message: 'must be true if you name none of account, product and caller, because this stops everything'
    })
  }
  if (narrowed && all === true) {
    faults.push({ key: 'all', message: 'must be left out if you name account, product or caller' })
  }
  if (forMs !== null && untilMs !== null) {
    faults.push({ key: 'untilMs', message: 'must be left out if you name forMs' })
  }
  if (faults.length > 0) return faults
  return {
    name,
    account,
    product,
    caller,
    reads,
    reason,
    thrownAtMs: epochMs,
    untilMs: forMs === null ? untilMs : epochMs + forMs
  }
}

/** The type of what came; its text stays where it is, as it may be somebody's number. */
function found (value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  switch (typeof value) {
    case 'number': return `the number ${value}`
    case 'boolean': return `the boolean ${value}`
    case 'string': return `text of ${value.length} characters`
    default: return 'an object'
  }
}
