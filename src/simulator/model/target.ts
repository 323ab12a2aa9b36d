/** Which requests a rule is about; what it leaves out, fits every request. */
import type { Product } from '../../twilio/types.ts'

export interface Target {
  /** Such as `GET`. */
  readonly method?: string
  /** First label of the host: `api`, `verify`. */
  readonly product?: Product
  /** A path: `{}` stands for one segment, a final `*` for whatever follows; `.json` makes no difference. */
  readonly route?: string
}

export interface Addressed {
  readonly method: string
  readonly product: Product
  /** Without host prefix and query. */
  readonly path: string
  /** Without the question mark. */
  readonly query?: string
}

export function hits (target: Target, request: Addressed): boolean {
  if (target.method !== undefined && target.method !== request.method) return false
  if (target.product !== undefined && target.product !== request.product) return false
  return target.route === undefined || pathFits(target.route, request.path)
}

function pathFits (route: string, path: string): boolean {
  const wanted = withoutJson(route).split('/')
  const given = withoutJson(path).split('/')
  const open = wanted.at(-1) === '*'
  if (open) wanted.pop()
  if (open ? given.length < wanted.length : given.length !== wanted.length) return false
  return wanted.every((segment, i) => segment === '{}' ? given[i] !== '' : segment === given[i])
}

const withoutJson = (path: string): string => path.endsWith('.json') ? path.slice(0, -5) : path
