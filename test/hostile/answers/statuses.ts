import { breaks, head, json, passes, passesDoubtful, SID, type Case } from './table.ts'

const ERROR = '{"code":20001,"message":"x"}'

const ANSWERS = [
  200, 201, 202, 203, 206, 207, 208, 226, 299, 300, 301, 302, 303, 305, 306, 307, 308, 399, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412,
  413, 414, 415, 416, 417, 418, 421, 422, 423, 424, 425, 426, 428, 431, 444, 451, 460, 499
]
const FAILURES = [500, 502, 503, 504]
const OTHER_FAILURES = [501, 505, 506, 507, 508, 509, 510, 511, 520, 521, 522, 523, 524, 525, 526, 527, 529, 530, 561, 598, 599, 600, 601, 666, 700, 800, 900, 999]
const NO_STATUSES = ['000', '001', '042', '099', '1000', '2000', '20', '2', '2x0', '-20', '+200', '0x1', 'abc', '2.0', '']

export const statuses: readonly Case[] = [
  ...ANSWERS.map((status) => passes(`status ${status}`, json(status, ERROR), status, ERROR)),
  ...FAILURES.map((status) => passesDoubtful(`status ${status}`, json(status, ERROR), status, ERROR, 3)),
  ...OTHER_FAILURES.map((status) => passesDoubtful(`status ${status}`, json(status, ERROR), status, ERROR, 1)),
  ...NO_STATUSES.map((status) => breaks(`status "${status}"`, json(status, SID))),
  passesDoubtful('status 503 without a body', head(503, 'Content-Length: 0'), 503, '', 3),
  passesDoubtful('status 700 in chunks', head(700, 'Transfer-Encoding: chunked') + '3\r\nabc\r\n0\r\n\r\n', 700, 'abc', 1),
  passesDoubtful('status 999 that streams', head(999, 'Content-Type: audio/mpeg', 'Content-Length: 70000') + 'm'.repeat(70_000), 999, 'm'.repeat(70_000), 1),
  passes('204', head(204), 204, ''),
  passes('204 with Content-Length: 0', head(204, 'Content-Length: 0'), 204, '', { headers: { 'content-length': null } }),
  passes('204 with a Content-Length that no body follows', head(204, 'Content-Length: 17', 'Content-Type: application/json'), 204, '', { headers: { 'content-length': null } }),
  passes('204 with a Content-Length above what is gathered', head(204, 'Content-Length: 1000000'), 204, '', { headers: { 'content-length': null } }),
  passes('204 with the body that it names', head(204, 'Content-Length: 5') + 'hello', 204, ''),
  passes('204 with Transfer-Encoding: chunked and no chunk', head(204, 'Transfer-Encoding: chunked'), 204, '', { headers: { 'transfer-encoding': null } }),
  passes('204 with chunks', head(204, 'Transfer-Encoding: chunked') + '5\r\nhello\r\n0\r\n\r\n', 204, ''),
  passes('204 and the end of the connection', head(204, 'Connection: close'), 204, '', { then: 'end' }),
  passes('205 with Content-Length: 0', head(205, 'Content-Length: 0'), 205, ''),
  passes('205 with a body', head(205, 'Content-Length: 5') + 'hello', 205, 'hello'),
  passes('304', head(304, 'ETag: "a"'), 304, '', { headers: { etag: '"a"' } }),
  passes('304 with the length of what it stands for', head(304, 'Content-Length: 4711'), 304, ''),
  passes('304 with the length of something large', head(304, 'Content-Length: 1000000'), 304, ''),
  passes('304 with the body that it names', head(304, 'Content-Length: 5') + 'hello', 304, '')
]
