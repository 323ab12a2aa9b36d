/** Codes of Twilio's own catalogue for what the proxy answers itself: https://www.twilio.com/docs/api/errors */
export const TWILIO_CODES = {
  /** Permission denied: credentials missing or wrong. Status 401. */
  unauthenticated: 20003,
  /** Method not allowed. Status 405. */
  methodNotAllowed: 20004,
  /** Forbidden: this caller may not do this. Status 403. */
  forbidden: 20403,
  /** Not found: a host that is not Twilio's. Status 404 or 421. */
  notFound: 20404,
  /** Conflict: it repeats a create whose outcome is unknown. Status 409. */
  conflict: 20409,
  /** Request entity too large. Status 413. */
  bodyTooLarge: 20413,
  /** Invalid parameter: a request or header that cannot be read. Status 400. */
  badRequest: 20422,
  /** Too many requests. Status 429. */
  tooManyRequests: 20429,
  /** Internal server error: Twilio's answer broke or never came. Status 500, 502 or 504. */
  serverError: 20500,
  /** Service unavailable: Twilio could not be reached. Status 502 or 503. */
  unavailable: 20503
} as const

/** An error in the shape that Twilio's SDKs read. The message must hold nothing secret or personal. */
export function errorBody (status: number, code: number, message: string): string {
  return JSON.stringify({ code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status })
}
