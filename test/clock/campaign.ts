/**
 * A campaign with rules, caps, retries and deferral, once as it is and once through steps of the calendar and a stop of the
 * process: both must come to the same. CLOCK_STOP_MS is how long the process is stopped; a minute is worth it by hand.
 */
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { AUTHORIZATION, createClient, listen, MESSAGES } from '../support/app.ts'
import { runGovernor } from '../support/programs.ts'

const STOP_MS = Number(process.env['CLOCK_STOP_MS'] ?? 7_000)
const HOUR_MS = 3_600_000
const SENDS = 240
const EVERY_MS = 40
const DELETES = 20
/** Sent right before the stop, with a deadline that passes during it. */
const HURRIED = 5
const FORM = 'application/x-www-form-urlencoded'
const PRELOAD = new URL('stepped-date.mjs', import.meta.url).href

const SETTINGS = `
pacing:
  rules:
    senders: { match: { routes: ["/2010-04-01/Accounts/{}/Messages.json"] }, perSecond: 30 }
    noon:
      match: { methods: [DELETE] }
      openHours: [{ from: "12:00", to: "20:00", timeZone: UTC }]
      defer: true
guard:
  caps:
    pumped: { max: 3, intervalMs: ${HOUR_MS}, prefixes: ["+999"] }
duplicates: { mode: refuse }
`

const wait = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms) })

/** What became of a campaign: how many ended how, and how often Twilio made what was asked for. */
interface Tally { readonly ends: Record<string, number>, readonly made: Record<string, number> }

async function campaign (t: Test, name: string, disturbed: boolean): Promise<Tally> {
  const made = new Map<string, number>()
  const seen = new Set<string>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => { chunks.push(chunk) }).on('end', () => {
      const id = request.method === 'DELETE' ? request.url ?? '' : new URLSearchParams(Buffer.concat(chunks).toString()).get('Body') ?? ''
      const isNew = !seen.has(id)
      seen.add(id)
      setTimeout(() => {
        // Every seventh is refused at first, until a moment of this machine's own calendar.
        if (isNew && id.startsWith('send') && Number(id.split(' ')[1]) % 7 === 0) {
          response.writeHead(429, { 'content-type': 'application/json', 'retry-after': new Date(Date.now() + 1_000).toUTCString() }).end('{"code":20429,"status":429}')
          return
        }
        made.set(id, (made.get(id) ?? 0) + 1)
        if (request.method === 'DELETE') response.writeHead(204).end()
        else response.writeHead(201, { 'content-type': 'application/json' }).end('{}')
      }, id.startsWith('hurried') ? 400 : 20)
    })
  })
  const origin = `http://${await listen(t, server)}`
  const folder = t.testdir({ calendar: '0', 'config.yaml': SETTINGS })
  const noonMs = new Date().setUTCHours(11, 59, 35)
  let calendarMs = 0
  const calendar = (stepMs: number): void => { writeFileSync(join(folder, 'calendar'), String(calendarMs += stepMs)) }
  calendar(noonMs - Date.now() - HOUR_MS / 2)
  const program = await runGovernor(t, ['start', '--config', join(folder, 'config.yaml')], {
    nodeOptions: ['--import', PRELOAD],
    env: {
      TEST_CALENDAR_FILE: join(folder, 'calendar'),
      GOVERNOR_PORT: '0',
      GOVERNOR_ADMIN_PORT: '0',
      GOVERNOR_UPSTREAM: origin,
      GOVERNOR_DEFERRAL_FILE: join(folder, 'deferred.db'),
      GOVERNOR_DEFERRAL_KEY: '0f'.repeat(32)
    }
  })
  const { proxy = '' } = await program.listening()
  const client = createClient(t)
  const ends: Record<string, number> = {}
  const all: Array<Promise<void>> = []
  const ask = (kind: string, url: string, init: Parameters<typeof client>[1]): void => {
    all.push(client(proxy + url, init).then(
      ({ status, headers }) => `${status} ${String(headers['governor-shed'] ?? headers['governor-outcome'] ?? '')}`,
      (error: unknown) => `lost ${(error as { code?: string }).code ?? ''}`
    ).then((end) => { ends[`${kind} ${end}`] = (ends[`${kind} ${end}`] ?? 0) + 1 }))
  }
  const post = (kind: string, to: string, body: string, timeoutMs: number, url = MESSAGES): void => {
    ask(kind, url, { method: 'POST', headers: { authorization: AUTHORIZATION, 'content-type': FORM, 'governor-timeout-ms': String(timeoutMs) }, body: new URLSearchParams({ To: to, Body: body }).toString() })
  }
  const hurry = (): void => { for (let i = 0; i < HURRIED; i++) post('hurried', '+15550000001', `hurried ${i}`, STOP_MS - 1_000, MESSAGES.replace('Messages', 'Calls')) }
  for (let i = 0; i < DELETES; i++) ask('delete', `${MESSAGES.replace('.json', '')}/SM${String(i).padStart(32, '0')}.json`, { method: 'DELETE', headers: { authorization: AUTHORIZATION, prefer: 'respond-async' } })
  await Promise.all(all)
  calendar(noonMs - Date.now() - calendarMs)
  for (let i = 0; i < 6; i++) post('pumped', '+99912345678', `pumped ${i}0`, 110_000)
  const at: Record<number, () => void | Promise<void>> = {
    2_000: () => { calendar(-HOUR_MS) },
    4_000: () => { calendar(HOUR_MS) },
    5_000: async () => {
      hurry()
      while ([...seen].filter((id) => id.startsWith('hurried')).length < HURRIED) await wait(1)
      program.kill('SIGSTOP')
      setTimeout(() => { program.kill('SIGCONT') }, STOP_MS)
    },
    7_000: () => { calendar(HOUR_MS) },
    8_000: () => { calendar(-HOUR_MS) }
  }
  for (let i = 0; i < SENDS; i++) {
    post('send', `+1555${String(i).padStart(7, '0')}`, `send ${i}`, 110_000)
    if (disturbed) await at[i * EVERY_MS]?.()
    else if (i * EVERY_MS === 5_000) hurry()
    await wait(EVERY_MS)
  }
  await Promise.all(all)
  const deleted = (): number => [...made.keys()].filter((id) => id.includes('/SM')).length
  while (deleted() < DELETES) await wait(50)
  const often: Record<string, number> = {}
  for (const times of made.values()) often[`made ${times} times`] = (often[`made ${times} times`] ?? 0) + 1
  program.kill('SIGTERM')
  t.match(await program.ended, { code: 0 }, `${name}: it ends as it should`)
  return { ends, made: often }
}

t.test('a campaign comes to the same through steps of an hour, back and forward, and a stop of the process', { timeout: 240_000 + 2 * STOP_MS }, async (t) => {
  const expected = {
    ends: { 'delete 202 ': DELETES, 'pumped 201 ': 3, 'pumped 403 not_sent': 3, 'hurried 201 ': HURRIED, 'send 201 ': SENDS },
    made: { 'made 1 times': SENDS + DELETES + HURRIED + 3 }
  }
  const [undisturbed, disturbed] = await Promise.all([false, true].map((is) => new Promise<Tally>((resolve, reject) => {
    t.test(is ? 'disturbed' : 'as it is', async (t) => { await campaign(t, is ? 'disturbed' : 'as it is', is).then(resolve, reject) }).catch(reject)
  })))
  t.same(undisturbed, expected)
  t.same(disturbed, expected)
})
