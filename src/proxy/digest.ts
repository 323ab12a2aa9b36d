import { createHmac, randomBytes } from 'node:crypto'

/** 144 bits of the digest: no two names are the same by chance. */
const CHARS = 24

/** Makes a name from parts, whose lengths it does not tell apart: separate them where that matters. */
export type Digest = (...parts: ReadonlyArray<string | Buffer>) => string

/**
 * Names for what must not lie in memory or be told: phone numbers, credentials, paths, bodies. The key is of this
 * process and this digest alone and is never written, so nobody can try numbers on a name.
 */
export function createDigest (): Digest {
  const key = randomBytes(32)
  return (...parts) => {
    const hmac = createHmac('sha256', key)
    for (const part of parts) hmac.update(part)
    return hmac.digest('base64url').slice(0, CHARS)
  }
}
