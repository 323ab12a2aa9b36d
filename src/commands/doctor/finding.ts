/** What the doctor says: its closed sets. */
import { SDKS as TWILIO_SDKS } from '../../twilio/sdk.ts'

export const SDKS = [...TWILIO_SDKS, 'curl'] as const

/** A client of Twilio's API: an SDK by its language, or a program. */
export type Sdk = typeof SDKS[number]

export const isSdk = (name: string): name is Sdk => (SDKS as readonly string[]).includes(name)

/**
 * `through`: its requests go through the proxy. `bypasses`: they reach Twilio without it. `fails`: they reach nobody.
 * `unknown`: the doctor cannot see what decides. `advice`: they go through, but you should change something.
 */
export type Verdict = 'through' | 'bypasses' | 'fails' | 'unknown' | 'advice'

export type Code =
  // The proxy itself.
  | 'proxy_ready' | 'unreachable' | 'not_ours' | 'connect_not_offered'
  // The way to it.
  | 'tunnel' | 'no_variable' | 'wrong_variable' | 'left_to_axios' | 'proxy_url' | 'other_proxy' | 'excluded' | 'async_client'
  // Whom the client believes.
  | 'untrusted' | 'trust_unseen' | 'trust_file_ignored' | 'trust_file_unreadable' | 'authority_expired' | 'verification_off'
  // Which host it asks for.
  | 'region_without_edge' | 'region_refused' | 'region_mangles_base_url' | 'region_lost'
  // A base URL.
  | 'base_url' | 'base_url_refused' | 'base_url_proxied' | 'no_base_url' | 'next_pages' | 'oauth_tokens' | 'client_validation'
  // Its own retries.
  | 'own_retries' | 'stacked_retries'

export interface Finding {
  readonly sdk: Sdk | 'proxy'
  readonly verdict: Verdict
  readonly code: Code
  /** One sentence or two, without anything secret. */
  readonly sentence: string
  /** Lines to paste: of a POSIX shell where they are commands, of code or settings where a comment says so. */
  readonly fix: readonly string[]
}

export const finding = (sdk: Sdk
  | 'proxy', verdict: Verdict, code: Code, sentence: string, fix: readonly string[] = []): Finding =>
  ({ sdk, verdict, code, sentence, fix })

/** How Twilio and its users call them. */
export const NAMES: Readonly<Record<Sdk, string>> = {
  node: 'twilio-node',
  'twilio-cli': 'twilio-cli',
  python: 'twilio-python',
  java: 'twilio-java',
  go: 'twilio-go',
  php: 'twilio-php',
  ruby: 'twilio-ruby',
  csharp: 'twilio-csharp',
  curl: 'curl'
}
