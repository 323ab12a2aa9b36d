/** Which requests a rule of the settings is for. */
import { memoised } from '../policy/counts/memo.ts'
import { canonicalName } from '../twilio/paths/principal.ts'
import { namesInQuery } from '../twilio/paths/query.ts'
import { bareRoute } from '../twilio/paths/route.ts'
import type { Product, TrafficClass } from '../twilio/types.ts'

/** What must hold of a request, all of it; what is left out holds of every request. */
export interface Match {
  readonly products?: readonly Product[]
  /** Upper case. */
  readonly methods?: readonly string[]
  /** Templates as logs and `/state` show them, without method and host; a `*` at the end stands for anything. */
  readonly routes?: readonly string[]
  readonly classes?: readonly TrafficClass[]
  /** Callers as Governor-Caller names them, or addresses; a `*` at the end stands for anything. */
  readonly callers?: readonly string[]
  /** Accounts by their SID. */
  readonly accounts?: readonly string[]
  /** Parameters that must be in the query, whatever their value. */
  readonly query?: readonly string[]
  /** Fields of the body (a form, or JSON) and their values; a `*` at the end stands for anything. */
  readonly fields?: Readonly<Record<string, string>>
}

/** What a match looks at. */
export interface Facts {
  readonly method: string
  readonly upstream: { readonly product: Product }
  /** Method, product and template: `GET api/2010-04-01/Accounts/{}/Messages.json`. */
  readonly route: string
  readonly class: TrafficClass
  readonly caller: string
  readonly account: { readonly key: string }
  /** Path and query, as the client sent them. */
  readonly path: string
}

/** The values of a field of the body; none where it has no such field, undefined where nobody can tell. */
export type ReadField = (name: string) => readonly string[] | undefined

/** Routes whose rules are remembered, and the longest of them. */
const ROUTES_MOST = 2_000
const ROUTE_LENGTH_MOST = 512

/** Rules with the requests they are for. A request that matches none learns so by one look at its route. */
export class RuleBook<R extends { readonly match: Match }> {
  readonly #byRoute: (route: string) => readonly R[]

  constructor (rules: readonly R[]) {
    this.#byRoute = memoised(
      ROUTES_MOST,
      ROUTE_LENGTH_MOST,
      (route) => rules.filter(({ match }) => isOnRoute(match, route))
    )
  }

  /** Does a rule tell these two routes apart? */
  tellsApart (route: string, other: string): boolean {
    const rules = this.#byRoute(route)
    const others = this.#byRoute(other)
    return rules.length !== others.length || rules.some((rule, i) => rule !== others[i])
  }

  /** The rules that hold for a request, in their order. */
  of (facts: Facts, field: ReadField): readonly R[] {
    const near = this.#byRoute(facts.route)
    return near.length === 0 ? near : near.filter(({ match }) => holds(match, facts, field))
  }

  /** The same for one of whose body nothing is known. */
  first (facts: Facts): R | undefined {
    return this.#byRoute(facts.route).find(({ match }) => holds(match, facts, nothing))
  }
}

const nothing: ReadField = () => []

/** The part of a match that a route alone decides. */
function isOnRoute ({ products, methods, routes }: Match, route: string): boolean {
  const space = route.indexOf(' ')
  const slash = route.indexOf('/', space)
  return (methods === undefined || methods.includes(route.slice(0, space))) &&
    (products === undefined || products.includes(route.slice(space + 1, slash))) &&
    (routes === undefined || formsOf(route.slice(slash)).some((form) => fits(routes, form)))
}

function holds ({ classes, callers, accounts, query, fields }: Match, facts: Facts, field: ReadField): boolean {
  return (classes === undefined || classes.includes(facts.class)) &&
    (callers === undefined || fits(callers, facts.caller)) &&
    (accounts === undefined || accounts.some((sid) => canonicalName(sid) === accountSid(facts.account.key))) &&
    (query === undefined || hasParameters(facts.path, query)) &&
    (fields === undefined || Object.entries(fields).every(([name, wanted]) => fitsAny(wanted, field(name))))
}

/** An account in a region has the region after its SID. */
const accountSid = (key: string): string => key.includes('@') ? key.slice(0, key.indexOf('@')) : key

const fits = (patterns: readonly string[], text: string): boolean => patterns.some((pattern) => fitsOne(pattern, text))

/** A `*` at the end of a pattern stands for anything. */
export const fitsOne = (pattern: string, text: string | undefined): boolean => text !== undefined &&
  (pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern)

/** A rule that could hold does: of a body that nobody can read, and of a field that comes several times. */
const fitsAny = (wanted: string, values: readonly string[] | undefined): boolean =>
  values === undefined || values.some((value) => fitsOne(wanted, value))

/** A format is no other thing: a rule for one of a route's forms is for all of them. */
function formsOf (route: string): readonly string[] {
  const bare = bareRoute(route)
  return [bare, `${bare}.json`, `${bare}.xml`, `${bare}.csv`]
}

function hasParameters (path: string, wanted: readonly string[]): boolean {
  const names = namesInQuery(path)
  return wanted.every((name) => names.has(name.toLowerCase()))
}
