import type { Call, Reply } from './call.ts'

/** An access token whose subject is the client, so that all tokens of one client lead to one account. */
export function serveToken ({ params, world }: Call): Reply {
  const claims = {
    iss: 'twilio-simulator',
    sub: params['client_id'] ?? 'client',
    jti: world.ids.hex(16),
    exp: Math.floor(Date.now() / 1000) + 3600
  }
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const token = `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.simulated`
  return {
    status: 200,
    contentType: 'application/json;charset=utf-8',
    body: JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: 3600 })
  }
}

export const isTokenRequest = ({ method, product, path }: Pick<Call, 'method' | 'product' | 'path'>): boolean =>
  product === 'oauth' && method === 'POST' && path.endsWith('/token')
