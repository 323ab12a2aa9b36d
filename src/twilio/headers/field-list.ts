/**
 * Headers that are lists (RFC 9110, section 5.6.1): in one line or several, with empty elements, and spaces or tabs
 * around each. Time is linear in the length, which the reader of heads bounds.
 */
type FieldValue = string | readonly string[] | undefined

/**
 * A list of plain tokens, such as Connection or Vary: in lower case. Quotes have no meaning there, and hide nothing.
 */
export function tokensOf (value: FieldValue): string[] {
  const tokens: string[] = []
  for (const line of linesOf(value)) {
    for (const part of line.split(',')) {
      const token = withoutSpace(part.replaceAll('"', ''))
      if (token !== '') tokens.push(token.toLowerCase())
    }
  }
  return tokens
}

/**
 * A list of directives, such as Cache-Control or Prefer: as they stand. A comma within a quoted string divides nothing.
 */
export function membersOf (value: FieldValue): string[] {
  const members: string[] = []
  for (const line of linesOf(value)) {
    for (const part of line.includes('"') ? splitUnquoted(line) : line.split(',')) {
      const member = withoutSpace(part)
      if (member !== '') members.push(member)
    }
  }
  return members
}

function linesOf (value: FieldValue): readonly string[] {
  if (value === undefined) return []
  return typeof value === 'string' ? [value] : value
}

/** A quoted string that never ends quotes nothing. */
function splitUnquoted (line: string): string[] {
  const parts: string[] = []
  let start = 0
  let quoted = false
  for (let i = 0; i < line.length; i++) {
    if (quoted && line[i] === '\\') i++
    else if (line[i] === '"') quoted = !quoted
    else if (line[i] === ',' && !quoted) {
      parts.push(line.slice(start, i))
      start = i + 1
    }
  }
  parts.push(line.slice(start))
  return quoted ? line.split(',') : parts
}

/** Only what HTTP takes for optional space: a space of Latin-1 belongs to the value. */
const withoutSpace = (text: string): string => text.replace(/^[ \t]+/, '').replace(/[ \t]+$/, '')
