import { section } from '../section.ts'

export const deferral = section('Deletes that are stored until the open hours of their rule. Only where a rule defers, and only for a DELETE that says Prefer: respond-async.', {
  file: {
    type: ['string', 'null'],
    pattern: '^[^\\u0000-\\u001f\\u007f]+$',
    patternErrorMessage: 'must be the path of a file',
    default: null,
    examples: ['/var/lib/twilio-governor/deferred.db'],
    description: 'SQLite file in which they are kept, in a folder that the proxy may write to and that each proxy has for itself; a relative path starts at the working directory. null defers nothing.'
  },
  key: {
    type: ['string', 'null'],
    pattern: '^(?:[0-9A-Fa-f]{64}|[A-Za-z0-9+/]{43}=)$',
    patternErrorMessage: 'must be 32 bytes in hexadecimal or base64, as "openssl rand -base64 32" makes them',
    default: null,
    description: 'Key with which requests and their credentials are encrypted in the file; give it in the variable or in deferral.keyFile rather than here. Without any key nothing is deferred.'
  },
  keyFile: {
    type: ['string', 'null'],
    pattern: '^[^\\u0000-\\u001f\\u007f]+$',
    patternErrorMessage: 'must be the path of a file',
    default: null,
    examples: ['/run/secrets/deferral-key'],
    description: 'File with that key instead, a line for each: the first encrypts, and those after it open what they encrypted before they were replaced.'
  },
  max: {
    type: 'integer',
    default: 10000,
    minimum: 1,
    maximum: 100000,
    description: 'Most deletes that may wait or run at once, and as many finished ones are shown; beyond it more are refused with 429. Raise it for larger clean-ups.'
  },
  keepMs: {
    type: 'integer',
    default: 604800000,
    minimum: 60000,
    maximum: 31536000000,
    description: 'Milliseconds for which the result of a finished one can be looked up; raise it when nobody looks for longer than a week.'
  },
  atOnce: {
    type: 'integer',
    default: 4,
    minimum: 1,
    maximum: 1000,
    description: 'Most of them in flight at once while their rule is open. The account\'s limit and the pace of the rule also hold. Raise it when the open hours are too short for all.'
  },
  maxRuns: {
    type: 'integer',
    default: 8,
    minimum: 1,
    maximum: 100,
    description: 'Most times that one is tried which meets a 429, a 5xx or no answer, with pauses from half a minute to a quarter of an hour in between; raise it to sit out longer troubles.'
  }
})
