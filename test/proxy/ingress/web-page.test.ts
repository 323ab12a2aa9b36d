import t from 'tap'
import { foreignPage } from '../../../src/proxy/ingress/web-page.ts'

t.test('a page of another site is known by its Origin, or where there is none by Sec-Fetch-Site', async (t) => {
  const isOwn = (origin: string): boolean => origin === 'https://own.example'
  for (const [headers, told] of [
    [{}, undefined],
    [{ origin: 'https://other.example' }, 'Origin'],
    [{ origin: 'null' }, 'Origin'],
    [{ origin: '' }, 'Origin'],
    [{ origin: 'https://own.example' }, undefined],
    [{ origin: 'https://own.example', 'sec-fetch-site': 'cross-site' }, undefined],
    [{ origin: 'https://other.example', 'sec-fetch-site': 'same-origin' }, 'Origin'],
    [{ 'sec-fetch-site': 'none' }, undefined],
    [{ 'sec-fetch-site': 'same-origin' }, undefined],
    [{ 'sec-fetch-site': 'same-site' }, 'Sec-Fetch-Site'],
    [{ 'sec-fetch-site': 'cross-site' }, 'Sec-Fetch-Site']
  ] as const) t.equal(foreignPage(headers, isOwn), told, JSON.stringify(headers))
})
