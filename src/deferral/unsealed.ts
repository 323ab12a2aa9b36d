/** A request, as text that is sealed. */
import type { StoredRequest } from '../proxy/pacing/rerun.ts'

export type Unsealed = StoredRequest

export const encode = (request: StoredRequest): string => JSON.stringify(request)

/** The seal says that it is what this program has written. */
export const decode = (text: string): Unsealed => {
  const { upstream, authorization, ...rest } = JSON.parse(text) as StoredRequest
  return { ...rest, authorization, upstream: { ...upstream, region: upstream.region } }
}

/** What stands beside a sealed request in clear, and is sealed to it. */
export const besides = ({
  id,
  rule,
  route
}: { readonly id: string, readonly rule: string, readonly route: string }): string => JSON.stringify([id, rule, route])
