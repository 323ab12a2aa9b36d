/** The findings in words, for a terminal. */
import { NAMES, type Finding, type Sdk } from './finding.ts'

const WIDTH = 92
const INDENT = 2
/** The longest verdict, and a blank. */
const VERDICT_WIDTH = 'bypasses'.length + 2

export interface Judged {
  readonly sdk: Sdk
  readonly version: string | undefined
  /** The file that names it; undefined where nobody looked. */
  readonly file: string | undefined
}

export interface Report {
  readonly proxy: string
  readonly judged: readonly Judged[]
  readonly findings: readonly Finding[]
  /** What is not about one client. */
  readonly notes: readonly string[]
}

export function describe ({ judged, findings, notes }: Report): string {
  const groups = [
    group('proxy', findings.filter(({ sdk }) => sdk === 'proxy')),
    ...judged.map(({ sdk, version, file }) => group(
      [NAMES[sdk], version, file === undefined ? undefined : `(${file})`].filter((part) => part !== undefined).join(
        ' '
      ),
      findings.filter((finding) => finding.sdk === sdk)))
  ]
  return [...groups, [...notes.flatMap((note) => wrap(note, WIDTH)), summary(judged, findings)].join('\n')].join('\n\n')
}

/** For programs. */
export function toJson ({ proxy, judged, findings, notes }: Report): string {
  return JSON.stringify({ ok: isWell(findings), proxy, sdks: judged, findings, notes }, null, 2)
}

export const isWell = (findings: readonly Finding[]): boolean =>
  !findings.some(({ verdict }) => verdict === 'bypasses' || verdict === 'fails')

function group (title: string, findings: readonly Finding[]): string {
  return [title, ...findings.flatMap(({ verdict, sentence, fix }) => {
    const [first = '', ...rest] = wrap(sentence, WIDTH - INDENT - VERDICT_WIDTH)
    const margin = ' '.repeat(INDENT + VERDICT_WIDTH)
    // Lines to paste stay whole, however long they are.
    return [
      `${' '.repeat(INDENT)}${verdict.padEnd(VERDICT_WIDTH)}${first}`,
      ...rest.map((line) => margin + line),
      ...fix.map((line) => `${margin}  ${line}`)
    ]
  })].join('\n')
}

function summary (judged: readonly Judged[], findings: readonly Finding[]): string {
  const through = judged.filter(
    ({ sdk }) => findings.some((finding) => finding.sdk === sdk && finding.verdict === 'through')
  ).length
  return `Certainly through the proxy: ${through} of ${judged.length}.`
}

function wrap (text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}
