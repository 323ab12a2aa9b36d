/** A credential of the proxy's, for one attempt. */
export interface UpstreamCredential {
  /** What `tried` has of it, once Twilio has refused it. */
  readonly id: string
  /** Its name in the settings. */
  readonly name: string
  /** Value of the Authorization header. Never shown. */
  readonly authorization: string
  /** Once, when the attempt is over: Twilio's status, 0 when none came. */
  readonly answered: (status: number) => void
}
