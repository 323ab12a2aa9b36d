import { section } from '../section.ts'

export const state = section('What is kept over a restart: the limit and the ceiling found for each account. No credential, phone number or request is in it.', {
  file: {
    type: ['string', 'null'],
    pattern: '^[^\\u0000-\\u001f\\u007f]+$',
    patternErrorMessage: 'must be the path of a file',
    default: null,
    examples: ['/var/lib/twilio-governor/state.json'],
    description: 'File in which it is kept, in a folder that the proxy may write to and that each proxy has for itself; a relative path starts at the working directory. null keeps nothing, and a restarted proxy finds the limits anew.'
  },
  maxAgeMs: {
    type: 'integer',
    default: 3600000,
    minimum: 1000,
    maximum: 604800000,
    description: 'Milliseconds after the last use of an account at which what is kept of it is forgotten; lower it where the account\'s limit or the number of its clients changes often.'
  },
  writeEveryMs: {
    type: 'integer',
    default: 5000,
    minimum: 100,
    maximum: 600000,
    description: 'Milliseconds between two writes of the file when something has changed, which is what a crash may lose; it is written at an orderly end, too. Raise it to spare the disk.'
  }
})
