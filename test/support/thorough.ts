/**
 * Whether all rows, seeds and rounds are played: `npm run test:models` and `npm run test:programs` do. `npm test` plays
 * some of each kind, to be quick.
 */
export const THOROUGH = process.env['THOROUGH'] === '1'
