/** The straight line put together, with the accounts that it keeps. */
import { RetryBudget, type RetryBudgetOptions } from '../policy/retry/retry-budget.ts'
import type { RetryOptions } from '../policy/retry/retry-policy.ts'
import { overrideFragment, type CallbackOverrides } from '../twilio/bodies/callback-overrides.ts'
import type { Listener } from './events.ts'
import type { Exchange } from './exchange-state.ts'
import { Accounts, type AccountsOptions, type LimitFactory, type Recall } from './gate/accounts.ts'
import { Credentials } from './gate/credentials.ts'
import type { GateOptions } from './gate/gate.ts'
import { Gates } from './gate/gates.ts'
import { refuseWaiting } from './gate/refuse-waiting.ts'
import type { Guard } from './guard/guard.ts'
import { SpendCaps, type Cap } from './guard/spend-caps.ts'
import { Switches, type SwitchOptions } from './guard/switches.ts'
import type { ClassRule, DeadlineOptions } from './ingress/identify.ts'
import type { Line } from './line/exchange.ts'
import { Pacing } from './pacing/pacing.ts'
import type { PacingRule } from './pacing/pacing-rule.ts'
import type { Broker } from './ports/access.ts'
import type { Clock } from './ports/clock.ts'
import type { Deferral } from './ports/deferral.ts'
import { Coalescing, type CoalesceOptions } from './reads/coalesce.ts'
import { Polling } from './reads/polling.ts'
import { Repeats, type DuplicateOptions } from './repeats/repeats.ts'

/** What the straight line needs, whatever listens before it and whatever answers behind it. */
export interface LineOptions {
  readonly accounts: AccountsOptions
  readonly gate: GateOptions
  readonly deadline: DeadlineOptions
  readonly classes: readonly ClassRule[]
  readonly retry: RetryOptions & RetryBudgetOptions
  readonly duplicates: DuplicateOptions
  readonly coalesce: CoalesceOptions
  readonly pacing: readonly PacingRule[]
  readonly deferral: Deferral
  /** Caps on sends, by name. */
  readonly caps: Readonly<Record<string, Cap>>
  readonly switches: SwitchOptions
  readonly callbacks: CallbackOverrides
  readonly createLimit: LimitFactory
  readonly recall: Recall
  readonly clock: Clock
  /** Twilio's credentials, held by the proxy; absent where it holds none. */
  readonly broker?: Broker | undefined
  /** Uniform in [0, 1). */
  readonly random: () => number
}

/** What the line is given by what surrounds it. */
type Surroundings = Pick<Line, 'awake' | 'outOfDescriptors' | 'letGo'>
const ALONE: Surroundings = { awake: () => {}, outOfDescriptors: () => {}, letGo: () => {} }

/**
 * The straight line and the accounts it keeps. What `plan` plays a log through is this very line, on a clock of its
 * own.
 */
export function createLine (
  options: LineOptions, upstreams: Line['upstreams'], emit: Listener, {
    awake,
    outOfDescriptors,
    letGo
  }: Surroundings = ALONE
): { readonly line: Line, readonly accounts: Accounts, readonly credentials: Credentials } {
  const { clock } = options
  const accounts = new Accounts(options.accounts, options.gate, options.createLimit, clock, emit, options.recall)
  const credentials = new Credentials()
  const polling = new Polling(clock, emit)
  const running = new Set<Exchange>()
  const guard: Guard = {
    caps: new SpendCaps(options.caps, clock, emit),
    switches: new Switches(
      options.switches,
      clock,
      emit,
      () => refuseWaiting(running, ({ identity }) => guard.switches.refusalOf(identity))
    )
  }
  const reads = new Coalescing(options.coalesce, clock)
  const pacing = new Pacing(options.pacing, options.gate, clock, emit, options.deferral)
  const line: Line = {
    upstreams,
    retry: options.retry,
    budget: new RetryBudget(options.retry),
    repeats: new Repeats(options.duplicates, clock, emit),
    guard,
    reads,
    polling,
    pacing,
    broker: options.broker,
    callbackFragment: overrideFragment(options.callbacks),
    clock,
    random: options.random,
    awake,
    emit,
    running,
    gates: new Gates(credentials, accounts, running),
    outOfDescriptors,
    letGo,
    learn: ({ identity }) => accounts.learn(identity.authorization, identity.path)
  }
  return { line, accounts, credentials }
}
