import type { Product } from '../types.ts'
import { namesInQuery } from './query.ts'

/**
 * Query parameters that make a request another one to Twilio's limits: with them, these lists of TaskRouter are allowed
 * 3 a second. https://twilio.com/en-us/changelog/taskrouter-endpoint-rate-limit-correction
 */
const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  taskrouter: ['EvaluateTaskAttributes', 'EvaluateWorkerAttributes', 'TargetWorkersExpression']
}

/** `route` as limits of its own are known by: with the names, no values, of such parameters in the query of `path`. */
export function limitedRoute (product: Product, route: string, path: string): string {
  const names = PARAMETERS[product]
  if (names === undefined || !path.includes('?')) return route
  const given = namesInQuery(path)
  const known = names.filter((name) => given.has(name.toLowerCase()))
  return known.length === 0 ? route : `${route}?${known.join('&')}`
}
