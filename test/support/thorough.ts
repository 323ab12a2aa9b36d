/**
 * Whether the models play all of their rows and seeds: `npm run test:models` does. `npm test` plays one of each kind, to be quick.
 */
export const THOROUGH = process.env['THOROUGH'] === '1'
