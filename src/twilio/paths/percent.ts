const ENCODED = /(?:%[0-9a-f]{2})+/gi

/**
 * A text with its percent-encoding undone, as RFC 3986 has it; what is no UTF-8 comes out a character a byte, what is
 * no encoding as it is.
 */
export function percentDecoded (text: string): string {
  return text.includes('%') ? text.replace(ENCODED, decodedRun) : text
}

function decodedRun (run: string): string {
  try {
    return decodeURIComponent(run)
  } catch {
    return run.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
  }
}
