/** `twilio-governor doctor`: what of an application comes through the proxy, and what does not. */
import type { Environment } from '../run/bundle.ts'
import { detectSdks } from './detect.ts'
import { diagnose } from './diagnose.ts'
import { examine } from './examine.ts'
import type { Authority } from './facts.ts'
import { SDKS, type Sdk } from './finding.ts'
import { describe, isWell, toJson, type Judged } from './report.ts'

export interface DoctorOptions {
  /** Origin of the proxy; undefined: what the environment names, or the default. */
  readonly proxy: string | undefined
  readonly baseUrl: string | undefined
  /** Origin of the admin listener; undefined: the default, and nothing said where it does not answer. */
  readonly admin: string | undefined
  /** Folder of the authority. */
  readonly folder: string
  /** Folder of the application. */
  readonly app: string
  /** What is judged; undefined: what the application uses. */
  readonly sdks: readonly Sdk[] | undefined
  readonly json: boolean
  readonly env: Environment
  readonly nowMs: number
}

const DEFAULT_ADMIN = 'http://127.0.0.1:9090'

/** What to print, and the exit code: 1 where something bypasses the proxy or fails. */
export async function runDoctor (
  { proxy, baseUrl, admin, folder, app, sdks, json, env, nowMs }: DoctorOptions
): Promise<{ readonly text: string, readonly code: number }> {
  const found = await detectSdks(app)
  const judged: readonly Judged[] = (sdks ?? (found.length > 0 ? found.map(({ sdk }) => sdk) : SDKS))
    .map((sdk) => ({ sdk, version: undefined, file: undefined, ...found.find((one) => one.sdk === sdk) }))
  const versions = Object.fromEntries(
    judged.flatMap(({ sdk, version }) => version === undefined ? [] : [[sdk, version]])
  )
  const { facts, hasAdmin } = await examine({
    env, proxy, baseUrl, admin: admin ?? DEFAULT_ADMIN, folder, sdks: judged.map(({ sdk }) => sdk), versions, nowMs
  })
  const findings = diagnose(env, facts, judged.map(({ sdk }) => sdk))
  const notes = [
    ...sdks === undefined && found.length === 0 ? [`${app} lists no Twilio SDK, so doctor checks all of them.`] : [],
    ...baseUrl === undefined ? whereIsIt(facts.authority) : [],
    ...admin !== undefined && !hasAdmin
      ? [`The metrics at ${admin} cannot be read, so doctor knows nothing about stacked retries.`]
      : []
  ]
  const report = { proxy: facts.proxy, judged, findings, notes }
  return { text: json ? toJson(report) : describe(report), code: isWell(findings) ? 0 : 1 }
}

function whereIsIt ({ folder, state }: Authority): readonly string[] {
  if (state === 'known') return []
  const found = state === 'missing'
    ? `There is no ca.pem in ${folder}`
    : `The proxy shows certificates of another authority than the one in ${folder}`
  return [`${found}. Name the folder of the proxy's authority with --dir.`]
}
