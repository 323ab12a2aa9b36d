/** Reads in the proxy's metrics which clients stack retries of their own on its. */
import { SDKS, type Sdk } from '../finding.ts'

const SAMPLE = /^twilio_governor_stacked_retries_total\{sdk="([\w-]+)"\} (\d+)$/gm

/** @param metrics in Prometheus' text format */
export function stackedRetries (metrics: string): Readonly<Partial<Record<Sdk, number>>> {
  const counts: Partial<Record<Sdk, number>> = {}
  for (const [, label = '', count = '0'] of metrics.matchAll(SAMPLE)) {
    const sdk = SDKS.find((name) => name === label)
    if (sdk !== undefined) counts[sdk] = Number(count)
  }
  return counts
}
