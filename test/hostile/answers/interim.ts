import { breaks, bytesOf, head, json, passes, passesDoubtful, SID, type Case } from './table.ts'

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'
const HINTS = 'HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n'
const FINAL = json(201, SID)

const before: ReadonlyArray<[string, string]> = [
  ['100', CONTINUE],
  ['100 with headers', 'HTTP/1.1 100 Continue\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nX-One: 1\r\n\r\n'],
  ['100 without a reason', 'HTTP/1.1 100\r\n\r\n'],
  ['100 by HTTP/1.0', 'HTTP/1.0 100 Continue\r\n\r\n'],
  ['100 with a Content-Length', 'HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n'],
  ['100 with Connection: close', 'HTTP/1.1 100 Continue\r\nConnection: close\r\n\r\n'],
  ['100 with Transfer-Encoding', 'HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['100 whose lines end with LF', 'HTTP/1.1 100 Continue\nX-One: 1\n\n'],
  ['102', 'HTTP/1.1 102 Processing\r\n\r\n'],
  ['103', HINTS],
  ['104', 'HTTP/1.1 104 Upload Resumption Supported\r\n\r\n'],
  ['110', 'HTTP/1.1 110 What\r\n\r\n'],
  ['199', 'HTTP/1.1 199 What\r\n\r\n'],
  ['100, then 102, then 103', `${CONTINUE}HTTP/1.1 102 Processing\r\n\r\n${HINTS}`],
  ['64 times 100', CONTINUE.repeat(64)],
  ['103 with 30 kB of headers', `HTTP/1.1 103 Early Hints\r\n${`X-Long: ${'x'.repeat(1000)}\r\n`.repeat(30)}\r\n`]
]

export const interim: readonly Case[] = [
  ...before.map(([name, bytes]) => passes(`${name} first`, bytes + FINAL, 201, SID, { headers: { 'x-one': null, link: null, 'content-length': String(SID.length) } })),
  passes('100, byte for byte', bytesOf(CONTINUE + FINAL), 201, SID),
  passes('100 and a stream of unknown length', [CONTINUE, head(200, 'Content-Type: audio/mpeg', 'Connection: close'), 'media'], 200, 'media', { then: 'end' }),
  passes('100, then 204', CONTINUE + head(204), 204, ''),
  passes('100 twice, then 404', CONTINUE + CONTINUE + json(404, SID), 404, SID),
  passesDoubtful('100, then 503', CONTINUE + json(503, SID), 503, SID, 3),
  passesDoubtful('103, then 600', HINTS + json(600, SID), 600, SID, 1),
  breaks('65 times 100', CONTINUE.repeat(65) + FINAL),
  breaks('70 kB of 103', HINTS.repeat(40) + `HTTP/1.1 103 Early Hints\r\nX-Long: ${'x'.repeat(70_000)}\r\n\r\n` + FINAL),
  breaks('a 103 whose head never ends', `HTTP/1.1 103 Early Hints\r\n${`X-Long: ${'x'.repeat(1000)}\r\n`.repeat(80)}`),
  breaks('100 and the end', CONTINUE, 'end'),
  breaks('half a 100 and the end', 'HTTP/1.1 10', 'end'),
  breaks('100 and a reset', CONTINUE, 'reset'),
  breaks('100 and garbage', `${CONTINUE}\0\0garbage\r\n\r\n`),
  breaks('100, and then half an answer', CONTINUE + FINAL.slice(0, 40), 'end'),
  breaks('101 that nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
  breaks('101 without Upgrade', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'),
  breaks('101, then 201', `HTTP/1.1 101 Switching Protocols\r\n\r\n${FINAL}`),
  breaks('100, then 101', `${CONTINUE}HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n`),
  breaks('101, then 100, then 201', `HTTP/1.1 101 Switching Protocols\r\n\r\n${CONTINUE}${FINAL}`)
]
