/**
 * Requests, and the credentials in them, as they lie in the file: AES-256-GCM (NIST SP 800-38D), a random nonce of 96
 * bits each. What stands beside a sealed request in clear is sealed to it: it opens only in the row it was made for.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'

const VERSION = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16
const KEY_BYTES = 32

export interface Sealed {
  /** Names the key and tells nothing of it. */
  readonly keyId: string
  readonly bytes: Buffer
}

export class Seals {
  /** By id; the first seals. */
  readonly #keys: ReadonlyMap<string, Buffer>

  /** @throws TypeError when a key is not 32 bytes in hexadecimal or base64; it does not repeat the key. */
  constructor (keys: readonly string[]) {
    this.#keys = new Map(keys.map(decodeKey).map(
      (key) => [createHmac('sha256', key).update('twilio-governor deferral').digest('hex').slice(0, 16), key]
    ))
  }

  get keyIds (): readonly string[] { return [...this.#keys.keys()] }

  /** `beside`: what stands beside it. Undefined without a key. */
  seal (text: string, beside: string): Sealed | undefined {
    const [first] = this.#keys
    if (first === undefined) return undefined
    const [keyId, key] = first
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(beside))
    const hidden = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return { keyId, bytes: Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), hidden]) }
  }

  /** Undefined when its key is not here, or when it is not what was sealed. */
  open ({ keyId, bytes }: Sealed, beside: string): string | undefined {
    const key = this.#keys.get(keyId)
    if (key === undefined || bytes[0] !== VERSION) return undefined
    const [nonceEnd, tagEnd] = [1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES]
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, nonceEnd), { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(beside)).setAuthTag(bytes.subarray(nonceEnd, tagEnd))
      return Buffer.concat([decipher.update(bytes.subarray(tagEnd)), decipher.final()]).toString('utf8')
    } catch {
      return undefined
    }
  }
}

/** The keys of a setting or of a file with a key a line; the settings have been checked. */
export function readKeys (key: string | null, keyFile: string | null): readonly string[] {
  if (key !== null) return [key]
  return keyFile === null
    ? []
    : readFileSync(keyFile, 'latin1').split('\n').map((line) => line.trim()).filter((line) => line !== '')
}

function decodeKey (text: string): Buffer {
  const key = Buffer.from(text, /^[0-9A-Fa-f]{64}$/.test(text) ? 'hex' : 'base64')
  if (key.length !== KEY_BYTES) throw new TypeError('a key is not 32 bytes in hexadecimal or base64')
  return key
}
