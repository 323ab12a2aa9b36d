/** What messages may repeat of a file or the environment. A secret that stands in the wrong place is never printed. */

const MAX_ECHO = 40

/** Cuts what a stranger wrote to a length fit for a message. */
export const clip = (text: string): string => text.length <= MAX_ECHO ? text : `${text.slice(0, MAX_ECHO)}…`

/**
 * A word, such as `enforced`, or a number with a short unit, such as `15s`. Passwords, tokens and phone numbers are
 * neither.
 */
const PLAIN = /^ ?(?:[A-Za-z][A-Za-z_. -]{0,19}|[+-]?\d{1,7}(?:\.\d{1,3})?[A-Za-z]{0,3}\d{0,3})$/

/** A text's value where it is plain, else its length. */
export const shownText = (text: string): string =>
  PLAIN.test(text) ? `the text ${JSON.stringify(text)}` : `text of ${text.length} characters`

/** No setting has so many digits; a phone number has. */
const DIGITS_MOST = 9

export function shownNumber (value: number): string {
  const text = String(value)
  return text.replace(/[^0-9]/g, '').length <= DIGITS_MOST && /^-?[\d.]+$/.test(text)
    ? `the number ${text}`
    : 'a number with many digits'
}

/** Tokens and keys are such runs: auth tokens have 32 hexadecimal digits, SIDs two letters more. */
const RUN = /[A-Za-z0-9+=]{20,}/g

const looksSecret = (text: string): boolean =>
  (text.match(RUN) ?? []).some(
    (run) => run.length >= 32 || /^[0-9a-f]+$/i.test(run) || run.replace(/[^0-9]/g, '').length >= 3
  )

/** A name that somebody gave: a key, a rule. */
export const shownName = (name: string): string => looksSecret(name) ? `(${name.length} characters)` : name

/** Any sentence, with what may be a secret taken out. */
export const withoutSecrets = (sentence: string): string =>
  sentence.replace(RUN, (run) => looksSecret(run) ? `(${run.length} characters)` : run)
