/** Which way a client sends its requests, as its environment says. */
export type Way =
  | { readonly to: 'proxy', readonly variable: string, readonly value: string }
  | { readonly to: 'unset' }
  /**
   * A list of exceptions has the host; `entries` of it are to blame. `value` is the proxy that it would have been
   * otherwise.
   */
  | { readonly to: 'excluded', readonly variable: string, readonly value: string, readonly list: string, readonly entries: readonly string[] }
