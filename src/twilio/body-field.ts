/** Fields of a request body: a form, as all of Twilio's SDKs send, or a flat JSON object. */

/** Bodies above this are not looked into, bytes: nothing that Twilio takes in a form is so long. */
const LOOKED_INTO_MOST_BYTES = 1024 * 1024

/**
 * The first value of a field; undefined where there is none, or the body is neither a form nor JSON.
 * @param contentType as it came, undefined where none came
 */
export function bodyField (body: string, contentType: string | undefined, name: string): string | undefined {
  if (body.length > LOOKED_INTO_MOST_BYTES) return undefined
  const type = contentType?.trimStart().toLowerCase() ?? ''
  if (type.startsWith('application/x-www-form-urlencoded')) return new URLSearchParams(body).get(name) ?? undefined
  return type.startsWith('application/json') ? jsonField(body, name) : undefined
}

function jsonField (body: string, name: string): string | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    return undefined
  }
  if (typeof parsed !== 'object' || parsed === null || !Object.hasOwn(parsed, name)) return undefined
  const value = (parsed as Record<string, unknown>)[name]
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}
