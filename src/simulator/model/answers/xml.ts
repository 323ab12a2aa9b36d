/** A resource as v2010 writes it when the path does not end in `.json`. */
export function xmlOf (name: string, value: unknown): string {
  return `<?xml version='1.0' encoding='UTF-8'?>\n<TwilioResponse>${element(name, value)}</TwilioResponse>`
}

/** A page: its numbers are attributes, its items elements of the singular name. */
export function xmlPage (
  name: string,
  item: string,
  page: Readonly<Record<string, unknown>>,
  items: readonly unknown[]
): string {
  const attributes = Object.entries(page).map(
    ([key, value]) => ` ${key.replaceAll('_', '')}="${escaped(textOf(value))}"`
  ).join('')
  const inner = items.map((value) => element(item, value)).join('')
  return `<?xml version='1.0' encoding='UTF-8'?>\n<TwilioResponse><${name}${attributes}>${inner}</${name}></TwilioResponse>`
}

function element (name: string, value: unknown): string {
  if (value === null || value === undefined) return `<${name}/>`
  if (Array.isArray(value)) return `<${name}>${value.map((item) => element('Item', item)).join('')}</${name}>`
  if (typeof value === 'object') {
    return `<${name}>${Object.entries(value).map(([key, inner]) => element(pascal(key), inner)).join('')}</${name}>`
  }
  return `<${name}>${escaped(textOf(value))}</${name}>`
}

export const pascal = (snake: string): string =>
  snake.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : value === null || value === undefined ? '' : JSON.stringify(value)

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;'
}

// Control characters have no place in XML 1.0, escaped or not.
const escaped = (text: string): string => text
  // eslint-disable-next-line no-control-regex
  .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '')
  .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
