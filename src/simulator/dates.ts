let second = -1
let rfc2822 = ''
let iso8601 = ''

// Thousands of resources are made within one second: format it once.
function refresh (): void {
  const now = Math.floor(Date.now() / 1000)
  if (now === second) return
  second = now
  const date = new Date(now * 1000)
  rfc2822 = date.toUTCString().replace('GMT', '+0000')
  iso8601 = date.toISOString().replace('.000Z', 'Z')
}

/** Now, as api.twilio.com writes it: `Wed, 30 Jul 2025 10:00:00 +0000`. */
export function rfc2822Now (): string {
  refresh()
  return rfc2822
}

/** Now, as the other hosts write it: `2025-07-30T10:00:00Z`. */
export function iso8601Now (): string {
  refresh()
  return iso8601
}
