import { section } from '../section.ts'

export const deferral = section('Deletes that the proxy stores until the open hours of their rule. The rule must have defer, and the DELETE must say Prefer: respond-async.', {
  file: {
    type: ['string', 'null'],
    pattern: '^[^\\u0000-\\u001f\\u007f]+$',
    patternErrorMessage: 'must be the path of a file',
    default: null,
    examples: ['/var/lib/twilio-governor/deferred.db'],
    description: 'SQLite file for the stored deletes. Its folder must be writable, and each proxy needs a folder of its own. A relative path starts at the working directory. null defers nothing.'
  },
  key: {
    type: ['string', 'null'],
    pattern: '^(?:[0-9A-Fa-f]{64}|[A-Za-z0-9+/]{43}=)$',
    patternErrorMessage: 'must be 32 bytes in hexadecimal or base64, as "openssl rand -base64 32" makes them',
    default: null,
    description: 'Key that encrypts requests and their credentials in the file. Set it in the variable or in deferral.keyFile rather than here. Without a key the proxy defers nothing.'
  },
  keyFile: {
    type: ['string', 'null'],
    pattern: '^[^\\u0000-\\u001f\\u007f]+$',
    patternErrorMessage: 'must be the path of a file',
    default: null,
    examples: ['/run/secrets/deferral-key'],
    description: 'File with keys, one a line, instead of deferral.key. The first key encrypts. The others are former keys, which still decrypt what they encrypted.'
  },
  max: {
    type: 'integer',
    default: 10000,
    minimum: 1,
    maximum: 100000,
    description: 'Most deletes that may wait or run at once. The proxy also shows this many finished ones. It sheds further deletes with 429. Raise it for larger clean-ups.'
  },
  keepMs: {
    type: 'integer',
    default: 604800000,
    minimum: 60000,
    maximum: 31536000000,
    description: 'Milliseconds for which you can look up the result of a finished delete. Raise it if you look later than after a week.'
  },
  atOnce: {
    type: 'integer',
    default: 4,
    minimum: 1,
    maximum: 1000,
    description: 'Most stored deletes in flight at once while their rule is open. The account\'s limit and the rule\'s pace apply, too. Raise it if the open hours are too short for all of them.'
  },
  maxRuns: {
    type: 'integer',
    default: 8,
    minimum: 1,
    maximum: 100,
    description: 'Most runs of a delete that meets a 429, a 5xx or no answer. Between runs it waits from half a minute to a quarter of an hour. Raise it to survive longer outages.'
  }
})
