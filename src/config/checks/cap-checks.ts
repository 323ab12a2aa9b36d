/** How the keys of a spend cap must agree. */
import { checksOf, type Check, type KeyCheck } from './check.ts'
import { spendCap } from '../schema/sections/guard.ts'
import type { Settings } from '../schema/settings.ts'
import { placeIn, placesIn, type Place } from '../tree.ts'
import { dotted } from '../validate.ts'

const CHECKS: ReadonlyArray<KeyCheck<Settings['guard']['caps'][string]>> = [
  {
    key: 'match.methods',
    reads: ['match.methods'],
    fault: ({ match }) => match?.methods?.includes('POST') === false
      ? `must include POST, because only a POST is a send; found ${match.methods.join(', ')}`
      : undefined
  },
  {
    key: 'per',
    reads: ['per', 'prefixes'],
    lacking: true,
    fault: ({ per, prefixes }) => per?.includes('prefix') === true && prefixes === undefined
      ? 'must have prefixes beside it to count per prefix; found none (country needs none)'
      : undefined
  }
]

export const capChecks = (
  root: Place
): readonly Check[] => placesIn(placeIn(placeIn(root, 'guard'), 'caps')).flatMap((cap) => [
  ...checksOf(cap, CHECKS, spendCap),
  ...placesIn(placeIn(cap, 'except')).map((place) => notMeant(place, placesIn(placeIn(cap, 'prefixes'))))
])

/** Beginnings are not repeated: the longest have all the digits of a number. */
function notMeant ({ steps, value }: Place, prefixes: readonly Place[]): Check {
  const meant = prefixes.find((prefix) => prefix.value === value)
  return {
    steps,
    reads: [steps],
    fault: () => meant === undefined
      ? undefined
      : `must be a beginning that is not in prefixes; found that of ${dotted(meant.steps)}`
  }
}
