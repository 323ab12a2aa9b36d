/** How the keys of credentials and callers must agree. */
import { credential } from '../schema/sections/access.ts'
import type { Settings } from '../schema/settings.ts'
import { placeIn, placesIn, type Place } from '../tree.ts'
import { checksOf, type Check, type KeyCheck } from './check.ts'

const CREDENTIAL: ReadonlyArray<KeyCheck<Settings['access']['credentials'][string]>> = [
  {
    key: '',
    reads: ['file', 'variable'],
    lacking: true,
    fault: ({ file, variable }) => {
      if (file === undefined && variable === undefined) {
        return 'must have its secret in a file or in a variable; found neither'
      }
      return file !== undefined && variable !== undefined
        ? 'must have its secret in a file or in a variable; found both'
        : undefined
    }
  }
]

const CALLERS: ReadonlyArray<KeyCheck<Settings>> = [{
  key: 'access.required',
  reads: ['access.required', 'access.tokensFile'],
  fault: ({ access: { required, tokensFile } }) => required && tokensFile === null
    ? 'must be false without access.tokensFile: no request would have a token'
    : undefined
}]

export const accessChecks = (root: Place): readonly Check[] => [
  ...checksOf(root, CALLERS),
  ...placesIn(placeIn(placeIn(root, 'access'), 'credentials')).flatMap((place) => checksOf(place, CREDENTIAL, credential))
]
