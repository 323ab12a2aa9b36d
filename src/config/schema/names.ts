/** Forms of names that occur in several sections. `patternErrorMessage` is also shown by YAML editors. */
export const ADDRESS = {
  pattern: '^[A-Za-z0-9._:%-]{1,253}$',
  patternErrorMessage: 'must be an IP address or a host name, without scheme or port'
} as const

export const HOST_NAME = {
  pattern: '^(?:\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9_-]{1,63}(?:\\.[A-Za-z0-9_-]{1,63})*)$',
  patternErrorMessage: 'must be a host name, without scheme, port or path'
} as const

export const ACCOUNT_SID = '^AC[0-9a-fA-F]{32}$'
