/**
 * Hostile requests: each row is written to the whole application, at once and in small pieces, before an upstream that keeps
 * every byte. Parsers as different as can be must read the same in all that was sent on, and the next client must be served.
 */
import t, { type Test } from 'tap'
import { startApp, until } from '../support/app.ts'
import { connectRaw, statuses } from '../support/raw-client.ts'
import { parseLeniently, TRUSTS } from './parsers/lenient.ts'
import { parseStrictly } from './parsers/strict.ts'
import { startRawUpstream, type RawUpstream } from './raw-upstream.ts'
import { HOST, type Outcome, type Row } from './row.ts'
import { CHUNKS } from './requests/chunks.ts'
import { CODINGS } from './requests/codings.ts'
import { CONNECTIONS } from './requests/connections.ts'
import { FOLLOW_UPS } from './requests/follow-ups.ts'
import { HEADERS } from './requests/headers.ts'
import { HOSTS } from './requests/hosts.ts'
import { LENGTHS } from './requests/lengths.ts'
import { LINES } from './requests/lines.ts'

const GROUPS: Readonly<Record<string, readonly Row[]>> = {
  'Content-Length': LENGTHS,
  'Transfer-Encoding': CODINGS,
  chunks: CHUNKS,
  'request lines': LINES,
  headers: HEADERS,
  'hosts and targets': HOSTS,
  'headers of the connection': CONNECTIONS,
  'what comes behind a request': FOLLOW_UPS
}

/** Rows that are longer come at once only. */
const PIECES_MOST_BYTES = 1_500
const PIECE_BYTES = 11

for (const [group, rows] of Object.entries(GROUPS)) {
  t.test(`${group}: ${rows.length} rows`, async (t) => {
    const upstream = await startRawUpstream(t)
    const { proxy } = await startApp(t, upstream.origin)
    for (const row of rows) {
      await play(t, row, proxy, upstream, row.bytes.length)
      if (row.atOnce !== true && row.bytes.length <= PIECES_MOST_BYTES) await play(t, row, proxy, upstream, PIECE_BYTES)
    }
  })
}

t.test('there are at least 300 rows, and none twice', async (t) => {
  const names = Object.entries(GROUPS).flatMap(([group, rows]) => rows.map(({ name }) => `${group}: ${name}`))
  t.ok(names.length >= 300, `${names.length} rows`)
  t.strictSame(names.filter((name, i) => names.indexOf(name) !== i), [])
})

async function play (t: Test, row: Row, proxy: string, upstream: RawUpstream, pieceBytes: number): Promise<void> {
  const client = await connectRaw(t, proxy)
  for (let at = 0; at < row.bytes.length; at += pieceBytes) {
    client.write(row.bytes.slice(at, at + pieceBytes))
    await new Promise((resolve) => { setImmediate(resolve) })
  }
  let isClosed = false
  void client.closed.then(() => { isClosed = true })
  // Where nothing is answered, the end of the bytes is what there is to wait for.
  if (row.fin !== true) await until(() => isClosed || statuses(client.text()).length >= row.client.length)
  client.end()
  await client.closed
  client.destroy()
  const seen: Outcome = { upstream: readAlike(t, row, upstream), client: statuses(client.text()) }
  const right = [row, ...row.or === undefined ? [] : [row.or]].map(({ upstream, client }) => JSON.stringify({ upstream: [...upstream].sort(), client }))
  t.ok(right.includes(JSON.stringify(seen)), `${row.name}${pieceBytes < row.bytes.length ? ', in pieces' : ''}`, { seen, right, answer: client.text().slice(0, 500) })
  await serveTheNext(t, row, proxy, upstream)
}

/** What went on, as all parsers read it. */
function readAlike (t: Test, { name }: Row, upstream: RawUpstream): string[] {
  return upstream.take().flatMap((bytes) => {
    const strict = parseStrictly(bytes)
    t.match(strict, { rest: '', fault: undefined }, `${name}: what went on is HTTP to the letter`, { bytes })
    for (const trust of TRUSTS) {
      const lenient = parseLeniently(bytes, trust)
      if (JSON.stringify(lenient) !== JSON.stringify(strict)) t.strictSame(lenient, strict, `${name}: read alike, trusting ${JSON.stringify(trust)}`, { bytes })
    }
    return strict.requests.map(({ method, target, body }) => `${method} ${target} ${body}`.trimEnd())
  }).sort()
}

async function serveTheNext (t: Test, { name }: Row, proxy: string, upstream: RawUpstream): Promise<void> {
  const client = await connectRaw(t, proxy, `GET /next HTTP/1.1\r\n${HOST}\r\nConnection: close\r\n\r\n`)
  await client.closed
  client.destroy()
  const seen = [statuses(client.text()), upstream.take().flatMap((bytes) => parseStrictly(bytes).requests.map(({ target }) => target))]
  if (JSON.stringify(seen) !== '[[200],["/next"]]') t.fail(`${name}: the next client is not served`, { seen })
}
