import t from 'tap'
import { InterimHeads } from '../../../src/proxy/forward/interim-heads.ts'

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'
const HINTS = 'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\nContent-Length: 5\r\nConnection: close\r\n\r\n'
const FINAL = 'HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nHTTP/1.1 100 in a body\r\n\r\n'

const bytesOf = (text: string): string[] => Array.from(text)

/** What is left of an answer that comes in these pieces. */
function left (pieces: readonly string[], heads = new InterimHeads()): string {
  heads.expectAnswer()
  return pieces.map((piece) => heads.rest(Buffer.from(piece, 'latin1')).toString('latin1')).join('')
}

const INTERIM: ReadonlyArray<[string, string]> = [
  ['none', ''],
  ['100', CONTINUE],
  ['102', 'HTTP/1.1 102 Processing\r\n\r\n'],
  ['103 with headers that would end the connection', HINTS],
  ['any other 1xx', 'HTTP/1.1 199 Whatever\r\n\r\n'],
  ['several', CONTINUE + HINTS + CONTINUE],
  ['by HTTP/1.0', 'HTTP/1.0 100 Continue\r\n\r\n'],
  ['without a reason', 'HTTP/1.1 100\r\n\r\n'],
  ['lines that end with LF alone', 'HTTP/1.1 100 Continue\nX-One: 1\n\n'],
  ['lines that end either way', 'HTTP/1.1 100 Continue\r\nX-One: 1\n\r\n'],
  ['a CR within a line', 'HTTP/1.1 100 Con\rtinue\r\nX-One: \r1\r\n\r\n']
]

t.test('interim answers are taken out and the final one stays byte for byte, however the bytes are divided', async (t) => {
  for (const [what, interim] of INTERIM) {
    const whole = interim + FINAL
    const cuts = bytesOf(whole).map((_, i) => [whole.slice(0, i), whole.slice(i)])
    t.same([[whole], bytesOf(whole), ...cuts].filter((pieces) => left(pieces) !== FINAL).map((pieces) => pieces[0]?.length), [], what)
  }
})

t.test('what is no interim answer is left as it is, however the bytes are divided', async (t) => {
  for (const whole of [
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n', 'HTTP/1.1 1000 Much\r\n\r\n', 'HTTP/1.1 10x\r\n\r\n', 'HTTP/1.1  100 Continue\r\n\r\n', 'HTTP/2 100\r\n\r\n',
    'HTTP/11 100 Continue\r\n\r\n', 'http/1.1 100 Continue\r\n\r\n', 'ICY 100 OK\r\n\r\n', '\r\nHTTP/1.1 200 OK\r\n\r\n', '\0\0\0\0', 'HTTP/1.1 099 x\r\n\r\n'
  ]) {
    // The end shows that it is no longer looked at.
    const answer = whole + CONTINUE
    t.same([[answer], bytesOf(answer)].map((pieces) => left(pieces)), [answer, answer], JSON.stringify(whole))
  }
})

t.test('each answer of a connection is looked at from its first byte on, and no byte in between', async (t) => {
  const heads = new InterimHeads()
  t.equal(left([CONTINUE], heads) + left(['HTTP/1.1 1']) + left([CONTINUE, FINAL], heads) + left([FINAL], heads), FINAL + FINAL)
  t.equal(heads.rest(Buffer.from(CONTINUE)).toString(), CONTINUE, 'bytes that nobody waits for')
})

t.test('64 interim answers, or 64 KiB of them, are the most before one answer', async (t) => {
  t.equal(left([CONTINUE.repeat(64) + FINAL]), FINAL)
  t.throws(() => left([CONTINUE.repeat(65) + FINAL]), { code: 'TOO_MANY_INTERIM_ANSWERS' })
  const long = (bytes: number): string => `HTTP/1.1 103 Early Hints\r\nX-Long: ${'x'.repeat(bytes)}\r\n\r\n`
  t.equal(left([long(60_000) + FINAL]), FINAL)
  t.throws(() => left([long(66_000) + FINAL]), { code: 'TOO_MANY_INTERIM_ANSWERS' })
  t.throws(() => left([long(40_000), long(40_000), FINAL]), { code: 'TOO_MANY_INTERIM_ANSWERS' })
  t.throws(() => left(['HTTP/1.1 103 Early Hints\r\n', ...Array<string>(70).fill('x'.repeat(1000))]), { code: 'TOO_MANY_INTERIM_ANSWERS' }, 'a head without an end')
  const heads = new InterimHeads()
  for (let answer = 0; answer < 3; answer++) t.equal(left([CONTINUE.repeat(60) + FINAL], heads), FINAL, 'counted for each answer anew')
})
