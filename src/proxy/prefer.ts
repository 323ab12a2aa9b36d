import type { Exchange } from './exchange-state.ts'

/** May this be deferred? Only a delete with a credential and without a body, whose client asks for it (RFC 7240, section 4.1). */
export function mayDefer ({ bodyBytes, identity: { method, authorization, rawHeaders } }: Exchange): boolean {
  return method === 'DELETE' && authorization !== undefined && bodyBytes === 0 && prefersAsync(rawHeaders)
}

/** `Prefer` is a list, and may come several times; a preference may have parameters. */
function prefersAsync (rawHeaders: readonly string[]): boolean {
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === 'prefer' && /(?:^|,)\s*respond-async\s*(?:[;,]|$)/i.test(rawHeaders[i + 1] ?? '')) return true
  }
  return false
}
