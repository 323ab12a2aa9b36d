import t from 'tap'
import { isRead, isReplayable } from '../../src/twilio/methods.ts'

t.test('only requests that change nothing when repeated are replayed', async t => {
  for (const method of ['GET', 'HEAD', 'DELETE']) t.ok(isReplayable(method), method)
  for (const method of ['POST', 'PUT', 'PATCH', 'OPTIONS', 'CONNECT', 'get', '']) t.notOk(isReplayable(method), method)
})

t.test('only requests that change nothing at all may be cut', async t => {
  for (const method of ['GET', 'HEAD']) t.ok(isRead(method), method)
  for (const method of ['DELETE', 'POST', 'PUT', 'PATCH', 'OPTIONS', 'get', '']) t.notOk(isRead(method), method)
})
