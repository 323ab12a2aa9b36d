import { section } from '../section.ts'

export const state = section('What survives a restart: the limit and the ceiling found for each account. The file holds no credential, phone number or request.', {
  file: {
    type: ['string', 'null'],
    pattern: '^[^\\u0000-\\u001f\\u007f]+$',
    patternErrorMessage: 'must be the path of a file',
    default: null,
    examples: ['/var/lib/twilio-governor/state.json'],
    description: 'File that stores them. Its folder must be writable, and each proxy needs a folder of its own. A relative path starts at the working directory. With null a restarted proxy finds the limits anew.'
  },
  maxAgeMs: {
    type: 'integer',
    default: 3600000,
    minimum: 1000,
    maximum: 604800000,
    description: 'Milliseconds after the last use of an account at which the proxy forgets its stored state. Lower it if the account\'s ceiling or the number of its clients changes often.'
  },
  writeEveryMs: {
    type: 'integer',
    default: 5000,
    minimum: 100,
    maximum: 600000,
    description: 'Milliseconds between two writes of the file, if something has changed. A crash loses at most this much. The proxy also writes the file when it ends in order. Raise it to spare the disk.'
  }
})
