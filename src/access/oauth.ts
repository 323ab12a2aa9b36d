/** Access tokens of Twilio's OAuth clients: https://www.twilio.com/docs/iam/oauth-apps */

/** A token as Twilio gave it. */
export interface AccessToken {
  readonly token: string
  /** Milliseconds from now. */
  readonly validForMs: number
}

export type TokenAnswer =
  | AccessToken
  /** `status`: 0 when no answer came. */
  | { readonly status: number, readonly fault: string }

/** Sends a form to Twilio's token endpoint; rejects when no answer came. */
export type PostForm = (form: string) => Promise<{ readonly status: number, readonly text: string }>

/** Where tokens come from. */
export const TOKEN_HOST = 'oauth.twilio.com'
export const TOKEN_PATH = '/v2/token'

/** Most of Twilio's range for `expires_in`, seconds: thirty days. Its least is a minute. */
const VALID_MOST_S = 30 * 86_400
/** RFC 6749 takes a token to be one of these characters. */
const TOKEN = /^[\x21-\x7e]{1,8192}$/

export async function fetchToken (clientId: string, clientSecret: string, post: PostForm): Promise<TokenAnswer> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret
  })
  try {
    const { status, text } = await post(form.toString())
    return status === 200 ? tokenIn(text) : { status, fault: `the token endpoint answered ${status}` }
  } catch {
    return { status: 0, fault: 'the token endpoint did not answer' }
  }
}

function tokenIn (text: string): TokenAnswer {
  const fault = (what: string): TokenAnswer => ({ status: 200, fault: `the token endpoint answered ${what}` })
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch {
    return fault('no JSON')
  }
  if (typeof answer !== 'object' || answer === null) return fault('no JSON object')
  const { access_token: token, expires_in: seconds } = answer as Readonly<Record<string, unknown>>
  if (typeof token !== 'string' || !TOKEN.test(token)) return fault('no access_token')
  if (typeof seconds !== 'number' || !(seconds > 0)) return fault('no expires_in')
  return { token, validForMs: 1000 * Math.min(VALID_MOST_S, seconds) }
}

/** A token is renewed after seven to nine tenths of its life: proxies that started together do not renew together. */
export const renewAfterMs = (validForMs: number, chance: number): number => validForMs * (0.7 + 0.2 * chance)
