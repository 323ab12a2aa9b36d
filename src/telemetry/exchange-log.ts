import type { Logger } from 'pino'
import type { ExchangeEvent, LateOutcomeEvent, LimitEvent, Listener, TunnelEvent, TunnelOutcome } from '../proxy/events.ts'
import type { AccountLabels } from './account-labels.ts'
import { SHED_REASONS } from './label-values.ts'

const shedReasons: ReadonlySet<string> = new Set(SHED_REASONS)

/** Someone should look: an error went to the client, we refused, or nobody knows what became of a write. */
const isTroubled = (event: ExchangeEvent): boolean =>
  event.status >= 500 || event.reason === 'outcome_unknown' || shedReasons.has(event.reason)

const TRUST = 'Point the client at the ca.pem of interception.caDir: NODE_EXTRA_CA_CERTS for Node, REQUESTS_CA_BUNDLE for Python, CURL_CA_BUNDLE for curl, SSL_CERT_FILE for Go and Ruby.'
/** What to do about a tunnel that came to nothing. */
const ADVICE: Readonly<Partial<Record<TunnelOutcome, string>>> = {
  untrusted: `The client does not trust our certificate. ${TRUST}`,
  unused: `The client closed the connection before it sent a request, as one does that does not trust our certificate. ${TRUST}`,
  wrong_name: 'The TLS handshake names another host than the CONNECT request.',
  tls_failed: 'What came through the tunnel is not a TLS handshake that can be completed.'
}

const tenths = (ms: number): number => Math.round(ms * 10) / 10

/**
 * One line an exchange, one for a request refused before it became one, one for an outcome that
 * came late, and limit changes at debug. Events hold nothing secret or personal, and each field is
 * named here: nothing is logged because it happened to be in an object.
 */
export function createExchangeLog (logger: Logger, labels: AccountLabels): Listener {
  const logExchange = (event: ExchangeEvent): void => {
    const level = isTroubled(event) ? 'warn' : 'info'
    if (!logger.isLevelEnabled(level)) return
    logger[level]({
      account: labels(event.account),
      product: event.product,
      route: event.route,
      class: event.class,
      method: event.method,
      status: event.status,
      attempts: event.attempts,
      queueMs: tenths(event.queueMs),
      backoffMs: tenths(event.backoffMs),
      upstreamMs: tenths(event.upstreamMs),
      totalMs: tenths(event.totalMs),
      twilioRequestId: event.twilioRequestId,
      reason: event.reason,
      errorCode: event.errorCode
    }, 'exchange')
  }

  const logLateOutcome = (event: LateOutcomeEvent): void => {
    const { product, route, method, outcome, status, twilioRequestId } = event
    const level = outcome === 'success' ? 'info' : 'warn'
    logger[level]({ account: labels(event.account), product, route, method, outcome, status, twilioRequestId }, 'late outcome')
  }

  const logLimit = (event: LimitEvent): void => {
    // Limits move often: no label and no object for a line that nobody asked for.
    if (!logger.isLevelEnabled('debug')) return
    logger.debug({ account: labels(event.account), limit: event.limit, reason: event.reason }, 'limit')
  }

  const logTunnel = ({ host, client, outcome }: TunnelEvent): void => {
    const advice = ADVICE[outcome]
    logger[advice === undefined ? 'debug' : 'warn']({ host, client, outcome, advice }, 'tunnel')
  }

  return (event) => {
    switch (event.type) {
      case 'exchange': logExchange(event); break
      case 'late_outcome': logLateOutcome(event); break
      case 'tunnel': logTunnel(event); break
      case 'refused': logger.warn({ status: event.status, reason: event.reason }, 'refused'); break
      case 'limit': logLimit(event); break
      default:
    }
  }
}
