export interface GovernorOptions {
  /** A YAML file; otherwise GOVERNOR_CONFIG, or ./config.yaml if present. */
  readonly config?: string
  /** Variables that override the file; `process.env` if left out. GOVERNOR_PORT=0 takes a free port. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

export interface Governor {
  /** Base URL of the proxy, such as `http://127.0.0.1:8080`. */
  readonly proxy: string
  /** Base URL of the admin server. */
  readonly admin: string
  /** Admits nobody new, finishes what is in flight and waiting within `shutdown.graceMs`, then closes. */
  readonly drain: () => Promise<void>
  /** Refuses who waits and cuts what is in flight. */
  readonly close: () => Promise<void>
}

/**
 * Starts a proxy within this process. Resolves once both of its servers accept.
 * @throws an error that lists every fault of the settings
 */
export function startGovernor (options?: GovernorOptions): Promise<Governor>
