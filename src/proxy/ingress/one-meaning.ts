/** Refuses what another server could read as another request, where somebody here relies on what it is. */
import type { Product } from '../../twilio/types.ts'
import type { IncomingHttpHeaders } from 'node:http'
import { TWILIO_CODES } from '../../twilio/bodies/error-body.ts'
import type { Match, RuleBook } from '../match.ts'
import { accountInPath } from '../../twilio/paths/principal.ts'
import { valuesInQuery } from '../../twilio/paths/query.ts'
import { bareRoute, isCreate } from '../../twilio/paths/route.ts'
import { namesTwoAccounts, otherReading } from '../../twilio/paths/spelling.ts'
import { RefusalError } from '../errors.ts'

/** Headers by which some servers let a request be another one. */
const OVERRIDES = ['x-http-method-override', 'x-http-method', 'x-method-override'] as const

/** Throws a RefusalError for a method that a header or a parameter says is another one. */
export function refuseOtherMethod (method: string, headers: IncomingHttpHeaders, path: string): void {
  for (const name of OVERRIDES) {
    const value = headers[name]
    if (value !== undefined && value.toString().trim().toUpperCase() !== method) {
      throw refusal(
      `Header ${name} asks for another method than ${method}. Send the request with the method that you mean.`
      )
    }
  }
  const query = path.indexOf('?')
  // As a rule no parameter is called so, and none has an encoded name.
  if (query === -1 || !/method|[?&][^=&]*%/i.test(path.slice(query))) return
  if (valuesInQuery(path, '_method').some((value) => value.trim().toUpperCase() !== method)) {
    throw refusal(
      `The parameter _method asks for another method than ${method}. Send the request with the method that you mean.`
    )
  }
}

/**
 * Throws a RefusalError for a path that can be read in two ways, if the two make different things, belong to different
 * accounts, or fall under different rules.
 *
 * @param route method, product and template
 * @param rules all that the settings have, of whatever kind
 */
export function refuseTwoReadings (
  method: string,
  product: Product,
  route: string,
  path: string,
  rules: RuleBook<{ readonly match: Match }> | undefined
): void {
  if (namesTwoAccounts(path)) throw refusal('The path names two accounts. Name the one that the request is for.')
  const other = otherReading(path)
  if (other === undefined) return
  const otherRoute = `${method} ${product}${other.route}`
  const differs = isCreate(method, otherRoute) !== isCreate(method, route) || other.account !== accountInPath(path) ||
    rules?.tellsApart(bareRoute(otherRoute), bareRoute(route)) === true
  if (differs) {
    throw refusal(
    `The path can be read in two ways, as ${shown(route)} and as ${shown(otherRoute)}. Write Twilio's own words in it without encoding, and encode names only once.`
    )
  }
}

const shown = (route: string): string => route.slice(route.indexOf('/'))

const refusal = (message: string): RefusalError =>
  new RefusalError(400, TWILIO_CODES.badRequest, 'bad_request', message)
