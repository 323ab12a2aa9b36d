/**
 * Names by which the admin server is called. A web page can have its own domain name lead here (DNS rebinding), and
 * then its browser lets it read the answers. The Host header gives it away.
 */
import { canonicalAddress } from '../proxy/ingress/addresses.ts'

/**
 * `own`: an IP address, localhost, or a configured name; no page from elsewhere can come under it. `near`: a name that
 * only a network of yours can resolve, such as a Compose service. `foreign`: any other.
 */
export type Standing = 'own' | 'near' | 'foreign'

const LABEL = /^[a-z0-9_-]{1,63}$/
/** `2130706433` and `0x7f000001` are addresses to some resolvers. */
const NUMBER = /^(?:[0-9]+|0x[0-9a-f]*)$/
/**
 * How containers call the machine that they run on. `.local` is not among them: any device on a network may take such a
 * name.
 */
const MACHINE: ReadonlySet<string> = new Set(
  ['host.docker.internal', 'gateway.docker.internal', 'host.containers.internal']
)
/** A Service of Kubernetes: `<service>.<namespace>.svc`, with or without the cluster's domain. */
const SERVICE = /^[a-z0-9-]{1,63}\.[a-z0-9-]{1,63}\.svc(?:\.cluster\.local)?$/

/** `names`: configured ones, lower case. */
export function standingOf (hostHeader: string, names: ReadonlySet<string>): Standing {
  const name = hostHeader.toLowerCase().replace(/:[0-9]*$/, '').replace(/\.$/, '')
  if (names.has(name) || canonicalAddress(name) !== undefined) return 'own'
  const labels = name.split('.')
  if (name.length > 255 || !labels.every((label) => LABEL.test(label))) return 'foreign'
  // Browsers look up nothing for names under localhost.
  if (labels.at(-1) === 'localhost') return 'own'
  const isShort = labels.length === 1 && !NUMBER.test(name)
  return isShort || MACHINE.has(name) || SERVICE.test(name) ? 'near' : 'foreign'
}
