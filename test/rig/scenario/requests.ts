/** The requests that streams are made of. Every body is unique: whatever is carried out twice shows. */
export const REQUEST_NAMES = ['message', 'call', 'verification', 'lookup', 'list', 'interaction', 'session', 'task', 'upload'] as const
export type RequestName = (typeof REQUEST_NAMES)[number]

interface Template {
  readonly method: 'GET' | 'POST'
  /** `{account}` is the account's SID, `{n}` the request's number. */
  readonly path: string
  /** The number is put after it. */
  readonly body?: string
}

const sid = (prefix: string): string => prefix + '0'.repeat(32)

const TEMPLATES: Readonly<Record<RequestName, Template>> = {
  message: { method: 'POST', path: '/2010-04-01/Accounts/{account}/Messages.json', body: 'To=%2B15550001111&From=%2B15550002222&Body=' },
  call: { method: 'POST', path: '/2010-04-01/Accounts/{account}/Calls.json', body: 'To=%2B15550001111&From=%2B15550002222&Url=http%3A%2F%2Fexample.com%2F' },
  verification: { method: 'POST', path: `/verify/v2/Services/${sid('VA')}/Verifications`, body: 'Channel=sms&To=%2B1555' },
  lookup: { method: 'GET', path: '/lookups/v2/PhoneNumbers/+1555{n}' },
  list: { method: 'GET', path: '/2010-04-01/Accounts/{account}/Messages.json?PageSize=20&To={n}' },
  interaction: { method: 'POST', path: '/flex-api/v1/Interactions', body: 'Channel=%7B%7D&Routing=' },
  session: { method: 'POST', path: '/flex-api/v2/WebChats', body: 'AddressSid=IG1&CustomerFriendlyName=' },
  task: { method: 'POST', path: `/taskrouter/v1/Workspaces/${sid('WS')}/Tasks`, body: 'Attributes=' },
  upload: { method: 'POST', path: `/serverless-upload/v1/Services/${sid('ZS')}/Assets/${sid('ZH')}/Versions`, body: 'Visibility=public&Path=' }
}

export interface Request {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

export interface RequestOptions {
  readonly request?: RequestName
  readonly account?: number
  readonly class?: string
  readonly deadlineMs?: number
  readonly paddingBytes?: number
}

export const accountSid = (number: number): string => `AC${String(number).padStart(32, '0')}`

export const creates = (name: RequestName = 'message'): boolean => TEMPLATES[name].method === 'POST'

/** Makes the requests of a stream: all that can be is made ready beforehand. `mark` tells streams apart, digits. */
export function createRequests (options: RequestOptions, mark: number): (number: number) => Request {
  const { request = 'message', account = 1, paddingBytes = 0, deadlineMs } = options
  const { method, path, body } = TEMPLATES[request]
  const user = accountSid(account)
  const headers: Record<string, string> = { authorization: `Basic ${Buffer.from(`${user}:token`).toString('base64')}` }
  if (body !== undefined) headers['content-type'] = 'application/x-www-form-urlencoded'
  if (options.class !== undefined) headers['governor-class'] = options.class
  if (deadlineMs !== undefined) headers['governor-timeout-ms'] = String(deadlineMs)
  const padding = paddingBytes > 0 ? `&Content=${'x'.repeat(paddingBytes)}` : ''
  const known = path.replace('{account}', user)
  const numbered = known.includes('{n}')
  return (number) => {
    const unique = `${mark}${String(number).padStart(7, '0')}`
    return {
      method,
      path: numbered ? known.replace('{n}', unique) : known,
      headers,
      body: body === undefined ? undefined : body + unique + padding
    }
  }
}
