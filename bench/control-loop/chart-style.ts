/** Charts are plain SVG text with a background of their own, so that they read alike on light and dark pages. */
export const INK = '#1f2328'
export const FAINT = '#656d76'
export const GRID = '#e4e7eb'
export const PAPER = '#ffffff'
/** Told apart by lightness as well as by hue. */
export const OURS = '#0b5cd5'
export const OURS_PALE = '#8fbcf5'
export const ORACLE = '#b35900'
export const CEILING = '#1f2328'
export const REFUSED = '#c1272d'

const FONT = 'font-family="-apple-system, \'Segoe UI\', \'Noto Sans\', Helvetica, Arial, sans-serif"'

export interface TextStyle {
  readonly size?: number
  readonly fill?: string
  readonly anchor?: 'start' | 'middle' | 'end'
  readonly weight?: number
}

export function label (x: number, y: number, text: string, { size = 12, fill = INK, anchor = 'start', weight = 400 }: TextStyle = {}): string {
  return `<text x="${at(x)}" y="${at(y)}" font-size="${size}" fill="${fill}" text-anchor="${anchor}" font-weight="${weight}">${escaped(text)}</text>`
}

export function rule (x1: number, y1: number, x2: number, y2: number, stroke: string, width = 1, dashes = ''): string {
  return `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" stroke="${stroke}" stroke-width="${width}"${dashes === '' ? '' : ` stroke-dasharray="${dashes}"`}/>`
}

export function trace (d: string | null, stroke: string, width = 1.75, dashes = ''): string {
  return d === null ? '' : `<path d="${d}" fill="none" stroke="${stroke}" stroke-width="${width}" stroke-linejoin="round"${dashes === '' ? '' : ` stroke-dasharray="${dashes}"`}/>`
}

export function box (x: number, y: number, width: number, height: number, fill: string): string {
  return `<rect x="${at(x)}" y="${at(y)}" width="${at(Math.max(0, width))}" height="${at(Math.max(0, height))}" fill="${fill}"/>`
}

export function document (width: number, height: number, title: string, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" ${FONT}>
<title>${escaped(title)}</title>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="6" fill="${PAPER}" stroke="#d0d7de"/>
${parts.filter((part) => part !== '').join('\n')}
</svg>
`
}

export const at = (value: number): string => String(Math.round(10 * value) / 10)

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
