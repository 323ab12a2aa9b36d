/** One line of Prometheus' text format. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** Reads what metrics tests need of the text format: no escapes in label values, no timestamps. */
export function readSamples (body: string): Sample[] {
  return body.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => {
    const parts = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line)
    if (parts === null) throw new Error(`not a sample: ${line}`)
    const [, name = '', labels = '', value] = parts
    return {
      name,
      labels: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, text]) => [label, text])),
      value: Number(value)
    }
  })
}

/** The family a sample belongs to: a histogram's parts carry suffixes. */
export const familyOf = (sampleName: string): string => sampleName.replace(/_(?:bucket|sum|count)$/, '')

/** The value of one series; undefined when it is not exported. */
export function valueOf (samples: readonly Sample[], name: string, labels: Record<string, string> = {}): number | undefined {
  return samples.find((sample) => sample.name === name && Object.entries(labels).every(([label, text]) => sample.labels[label] === text))?.value
}
