import type { Logger } from 'pino'
import type {
  DeferredEvent, DuplicateEvent, ExchangeEvent, KillSwitchEvent, LateOutcomeEvent, LimitEvent, Listener, PollEvent,
  RefusedEvent, SpendCapEvent, StackedRetryEvent, TunnelEvent
} from '../../proxy/events.ts'
import { pollingAdvice, STACKED_ADVICE, TUNNEL_ADVICE } from '../advice.ts'
import type { AccountLabels } from '../account-labels.ts'
import type { RefusalLines } from './refusal-lines.ts'
import { GUARD_REASONS, SHED_REASONS } from '../../proxy/reasons.ts'

const refusals: ReadonlySet<string> = new Set([...SHED_REASONS, ...GUARD_REASONS])

/**
 * Somebody should look: the client got an error, the proxy shed or refused the request, or the outcome of a write is
 * unknown.
 */
const isTroubled = (event: ExchangeEvent): boolean =>
  event.status >= 500 || event.reason === 'outcome_unknown' || refusals.has(event.reason)

const tenths = (ms: number): number => Math.round(ms * 10) / 10

/**
 * One line an exchange, one for a request refused before it became one (of many like ones the first), one for an
 * outcome that came late, for what clients should do otherwise, and limit changes at debug. Events hold nothing secret
 * or personal, and each field is named here: nothing is logged because it happened to be in an object.
 */
export function createExchangeLog (
  logger: Logger,
  labels: AccountLabels,
  lines: Pick<RefusalLines, 'writes'> = { writes: () => true }
): Listener {
  const logExchange = (event: ExchangeEvent): void => {
    const level = isTroubled(event) ? 'warn' : 'info'
    if (!logger.isLevelEnabled(level)) return
    // Those that went to Twilio each have their line.
    if (event.attempts === 0 &&
      refusals.has(event.reason) &&
      !lines.writes({ line: 'exchange', reason: event.reason, peer: event.caller })) return
    logger[level]({
      account: labels(event.account),
      product: event.product,
      route: event.route,
      class: event.class,
      caller: event.caller,
      method: event.method,
      status: event.status,
      attempts: event.attempts,
      throttled: event.throttled,
      queueMs: tenths(event.queueMs),
      paceMs: tenths(event.paceMs),
      backoffMs: tenths(event.backoffMs),
      upstreamMs: tenths(event.upstreamMs),
      twilioMs: event.twilioMs === undefined ? undefined : tenths(event.twilioMs),
      totalMs: tenths(event.totalMs),
      allowedMs: Math.round(event.allowedMs),
      resource: event.resource(),
      twilioRequestId: event.twilioRequestId,
      reason: event.reason,
      errorCode: event.errorCode
    }, 'exchange')
  }

  const logLateOutcome = (event: LateOutcomeEvent): void => {
    const { product, route, method, outcome, status, twilioRequestId } = event
    const level = outcome === 'success' ? 'info' : 'warn'
    logger[level](
      { account: labels(event.account), product, route, method, outcome, status, twilioRequestId },
      'late outcome'
    )
  }

  const logLimit = (event: LimitEvent): void => {
    // Limits move often: no label and no object for a line that nobody asked for.
    if (!logger.isLevelEnabled('debug')) return
    logger.debug({ account: labels(event.account), limit: event.limit, reason: event.reason }, 'limit')
  }

  const logTunnel = ({ host, client, outcome }: TunnelEvent): void => {
    const advice = TUNNEL_ADVICE[outcome]
    if (advice !== undefined && !lines.writes({ line: 'tunnel', reason: outcome, peer: client })) return
    logger[advice === undefined ? 'debug' : 'warn']({ host, client, outcome, advice }, 'tunnel')
  }

  const advised = new Set<string>()
  const logStackedRetry = ({ account, product, route, method, sdk, status, agoMs }: StackedRetryEvent): void => {
    // Once: it is a setting of the client, and comes with every error from then on.
    if (advised.has(sdk)) return
    advised.add(sdk)
    logger.warn({
      account: labels(account),
      product,
      route,
      method,
      sdk,
      status,
      agoMs: tenths(agoMs),
      advice: STACKED_ADVICE[sdk]
    }, 'stacked retries')
  }

  const logPoll = ({ account, product, route, isFirst }: PollEvent): void => {
    if (isFirst) {
      logger.info({ account: labels(account), product, route, advice: pollingAdvice(product, route) }, 'polling')
    }
  }

  const logDuplicate = ({ account, product, route, method, sdk, first, agoMs, refused }: DuplicateEvent): void => {
    logger.warn(
      { account: labels(account), product, route, method, sdk, first, agoMs: tenths(agoMs), refused },
      'duplicate send'
    )
  }

  // The first in a minute: an attack sends thousands, and each has its line as an exchange.
  const logSpendCap = ({
    account,
    product,
    route,
    caller,
    cap,
    max,
    intervalMs,
    prefix,
    refused,
    tell
  }: SpendCapEvent): void => {
    if (tell) {
      logger.warn(
        { cap, max, intervalMs, prefix, refused, account: labels(account), product, route, caller },
        'spend cap'
      )
    }
  }

  const logKillSwitch = ({
    change,
    refused,
    killSwitch: { name, account, product, caller, reads, reason, untilMs }
  }: KillSwitchEvent): void => {
    const until = untilMs === null ? null : new Date(untilMs).toISOString()
    logger.warn({
      name,
      change,
      account: account === null ? null : labels(account),
      product,
      caller,
      reads,
      reason,
      until,
      refused
    }, 'kill switch')
  }

  const logDeferred = ({ outcome, job, account, route, rule, run }: DeferredEvent): void => {
    // The exchange has its own line when it is accepted.
    const level = outcome === 'failed' ? 'warn' : outcome === 'accepted' ? 'debug' : 'info'
    logger[level]({
      job,
      account,
      route,
      rule,
      outcome,
      runs: run?.runs,
      status: run?.status,
      twilioRequestId: run?.twilioRequestId,
      errorCode: run?.errorCode,
      alreadyGone: run?.alreadyGone
    }, 'deferred delete')
  }

  const logRefused = ({ status, reason, from }: RefusedEvent): void => {
    if (lines.writes({ line: 'refused', reason, peer: from ?? 'unknown' })) {
      logger.warn({ status, reason, peer: from }, 'refused')
    }
  }

  return (event) => {
    switch (event.type) {
      case 'exchange': logExchange(event); break
      case 'late_outcome': logLateOutcome(event); break
      case 'tunnel': logTunnel(event); break
      case 'stacked_retry': logStackedRetry(event); break
      case 'duplicate': logDuplicate(event); break
      case 'spend_cap': logSpendCap(event); break
      case 'kill_switch': logKillSwitch(event); break
      case 'deferred': logDeferred(event); break
      case 'poll': logPoll(event); break
      case 'refused': logRefused(event); break
      case 'limit': logLimit(event); break
      default:
    }
  }
}
