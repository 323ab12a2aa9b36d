import type { Hosts } from '../../twilio/hosts.ts'

export interface PageBase {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string
  readonly hosts: Hosts
}
