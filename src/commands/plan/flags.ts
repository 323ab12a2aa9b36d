/** The options of `twilio-governor plan` as they are typed. */
import type { RouteRate } from '../../simulator/model/settings.ts'

export interface PlanFlags {
  readonly config?: string
  readonly log: string
  readonly ceiling?: number
  readonly rate: readonly string[]
  readonly seed: number
  readonly json?: true
}

const RATE = /^([A-Z]+) ([a-z][a-z-]*)(\/\S*)=(\d+(?:\.\d+)?)$/

/** Routes as the log names them, and starts per second. `refuse` ends the process with its sentence. */
export function parseRates (texts: readonly string[], refuse: (sentence: string) => never): readonly RouteRate[] {
  return texts.map((text) => {
    const [, method, product, route, perSecond] = RATE.exec(text) ?? []
    if (method === undefined || product === undefined || route === undefined || !(Number(perSecond) > 0)) {
      return refuse(
        "error: --rate takes a route as the log names it, and starts per second: 'POST verify/v2/Services/{}/Verifications=10'"
      )
    }
    return { method, product, route, perSecond: Number(perSecond) }
  })
}
