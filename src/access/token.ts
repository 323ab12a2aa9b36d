/** Tokens of the proxy's own: what an application shows in place of a Twilio secret. Worth nothing anywhere else. */
import { hash, randomBytes } from 'node:crypto'

/** Letters, so that twilio-go takes a token for a password, and people and scanners know what they have found. */
const PREFIX = 'tgv'
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const BYTES = 32
/** Digits that 256 bits take in base 62. */
const DIGITS = 43

/** 256 random bits. */
export function newToken (random: (bytes: number) => Buffer = randomBytes): string {
  let rest = BigInt(`0x${random(BYTES).toString('hex')}`)
  let digits = ''
  for (let i = 0; i < DIGITS; i++) {
    digits = (ALPHABET[Number(rest % 62n)] ?? '') + digits
    rest /= 62n
  }
  return PREFIX + digits
}

/**
 * Is it meant as a token of ours? One that was cut short or has a letter too many is, too: it is refused here and never
 * sent to Twilio.
 */
export const looksLikeToken = (text: string): boolean => /^tgv[0-9A-Za-z]{16,}$/.test(text)

/** What is stored in place of a token, and looked up. */
export const digestOf = (token: string): string => hash('sha256', token, 'hex')
