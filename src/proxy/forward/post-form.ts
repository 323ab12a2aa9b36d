import type { Dispatcher } from 'undici'

/** An answer longer than this is no token, bytes. */
const ANSWER_MOST_BYTES = 64 * 1024
/** Milliseconds until it has to be here whole. */
const WITHIN_MS = 10_000

export interface FormAnswer { readonly status: number, readonly text: string }

/** Sends a form of the proxy's own. Rejects when no whole answer comes in time. */
export async function postForm (
  dispatcher: Dispatcher,
  host: string,
  path: string,
  form: string
): Promise<FormAnswer> {
  const { statusCode, body } = await dispatcher.request({
    method: 'POST',
    path,
    headers: { host, 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: form,
    signal: AbortSignal.timeout(WITHIN_MS)
  })
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > ANSWER_MOST_BYTES) throw new Error('the answer is too long')
    chunks.push(chunk)
  }
  return { status: statusCode, text: Buffer.concat(chunks).toString('utf8') }
}
