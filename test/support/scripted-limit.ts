import type { Limit, PacedRoute, Refusal, Ticket } from '../../src/policy/limit/limit.ts'

/** A limit that does what the test says. */
export class ScriptedLimit implements Limit {
  readonly algorithm = 'scripted'
  readonly refusals: Array<'account' | 'route'> = []
  readonly admissions: Ticket[] = []
  isSettled = true
  /** What the next answers make of the number of slots; it stays as it is when there are no more. */
  readonly moves: number[] = []
  refusedBy: Refusal = { by: 'account', reason: 'cut', holds: true }
  #slots: number
  readonly #paces = new Map<string, { perSecond: number, readyAtMs: number }>()

  constructor (slots: number) { this.#slots = slots }

  /** From now on a route starts so many requests a second. */
  pace (route: string, perSecond: number, readyAtMs: number): void { this.#paces.set(route, { perSecond, readyAtMs }) }

  readonly slots = (): number => this.#slots
  readonly readyAtMs = (route: string): number => this.#paces.get(route)?.readyAtMs ?? 0
  readonly pacePerSecond = (route: string): number => this.#paces.get(route)?.perSecond ?? 0

  readonly start = (route: string, inflight: number, held: number, nowMs: number): Ticket => {
    const pace = this.#paces.get(route)
    if (pace !== undefined) pace.readyAtMs = Math.max(pace.readyAtMs, nowMs) + 1000 / pace.perSecond
    return { route, sentAtMs: nowMs, inflight, full: inflight + held >= this.#slots, paced: pace !== undefined }
  }

  readonly admitted = (ticket: Ticket): 'probe' => {
    this.admissions.push(ticket)
    this.#move()
    return 'probe'
  }

  readonly refused = (): Refusal => {
    this.refusals.push('account')
    this.#move()
    return this.refusedBy
  }

  readonly routeRefused = (): Refusal => {
    this.refusals.push('route')
    return { by: 'route', reason: 'route', holds: false }
  }

  readonly settled = (): boolean => this.isSettled
  readonly ceiling = (): null => null
  readonly pacedRoutes = (): PacedRoute[] =>
    [...this.#paces].map(([route, { perSecond }]) => ({ route, perSecond, source: 'refusals' }))

  #move (): void { this.#slots = this.moves.shift() ?? this.#slots }
}
