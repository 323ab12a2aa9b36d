import type { Group, Load, Scenario } from './scenario.ts'

const MINUTE = { fromMs: 10_000, toMs: 60_000 }
const FAR = { wireMs: 95, wireJitterMs: 5 }

/** The last sender starts half a minute after the first. */
const among = (senders: number): Scenario => ({
  name: `${senders} senders`,
  fromMs: 60_000,
  toMs: 120_000,
  senders,
  apartMs: 32_000 / senders,
  load: [{ workers: Math.ceil(400 / Math.sqrt(senders)) }],
  third: 'jain'
})

export const sidecars: Group = {
  title: 'Several senders on one account, each with a limit of its own',
  scenarios: [
    among(2),
    among(4),
    among(16),
    among(32),
    { name: '2 senders, wire of 200 ms', fromMs: 60_000, toMs: 120_000, senders: 2, apartMs: 16_000, load: [{ workers: 400 }], account: FAR, third: 'jain' },
    { name: '4 senders, ceiling of 20', fromMs: 120_000, toMs: 240_000, senders: 4, apartMs: 8_000, load: [{ workers: 50 }], account: { ceiling: () => 20 }, third: 'jain' },
    { name: '50 senders, ceiling of 20', fromMs: 60_000, toMs: 120_000, senders: 50, apartMs: 500, load: [{ workers: 10 }], account: { ceiling: () => 20 }, third: 'jain' },
    { name: 'a second sender after 60 s', fromMs: 60_000, toMs: 180_000, senders: 2, apartMs: 60_000, load: [{ workers: 283 }], third: 'newcomer' },
    { name: 'a fifth sender after 60 s', fromMs: 60_000, toMs: 180_000, senders: 5, apartMs: 15_000, load: [{ workers: 200 }], third: 'newcomer' }
  ]
}

const free = (workers: number): Load => ({ workers, route: 'free' })
const odd = (part: number): Load => ({ workers: 300, route: { free: 1 - part, odd: part } })
const TWENTY = { routesPerSecond: { twenty: 20 } }

export const routes: Group = {
  title: 'Routes with a limit of their own, and refusals without a cause',
  scenarios: [
    { name: 'route of 20/s, light traffic', ...MINUTE, load: [free(60), { workers: 40, route: 'twenty' }], account: TWENTY, third: 'routes' },
    { name: 'route of 20/s, full traffic', ...MINUTE, load: [free(300), { workers: 40, route: 'twenty' }], account: TWENTY, third: 'routes' },
    { name: 'route of 20/s alone', ...MINUTE, load: [{ workers: 40, route: 'twenty' }], account: TWENTY, third: 'routes' },
    {
      name: 'route of 1/s, light traffic',
      fromMs: 20_000,
      toMs: 90_000,
      load: [free(60), { workers: 10, route: 'one' }],
      account: { routesPerSecond: { one: 1 } },
      third: 'routes'
    },
    {
      name: 'routes of 20, 5 and 1/s',
      ...MINUTE,
      load: [free(60), ...['twenty', 'five', 'one'].map((route) => ({ workers: 20, route }))],
      account: { routesPerSecond: { twenty: 20, five: 5, one: 1 } },
      third: 'routes'
    },
    {
      name: 'route of 100/s, 150/s offered',
      ...MINUTE,
      load: [{ perSecond: 300, route: { free: 0.5, hundred: 0.5 } }],
      account: { routesPerSecond: { hundred: 100 } },
      third: 'routes'
    },
    { name: '2 % refused at random on a fifth', ...MINUTE, load: [odd(0.2)], account: { randomRefusals: { odd: 0.02 } }, third: 'none' },
    { name: '10 % refused at random on a fifth', ...MINUTE, load: [odd(0.2)], account: { randomRefusals: { odd: 0.1 } }, third: 'none' },
    {
      name: 'half refused at random for 10 s',
      ...MINUTE,
      load: [{ workers: 400 }],
      account: { randomRefusals: { free: (nowMs) => nowMs >= 20_000 && nowMs < 30_000 ? 0.5 : 0 } },
      third: 'none'
    },
    {
      name: 'soft ceiling: refusals from 80 % on',
      ...MINUTE,
      load: [{ workers: 400 }],
      account: { softness: (filled) => Math.max(0, 0.25 * (filled - 0.8) / 0.2) },
      third: 'none'
    }
  ]
}
