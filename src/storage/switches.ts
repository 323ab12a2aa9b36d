/** Kill switches in a small JSON file, so that what was stopped stays so over a restart. */
import type { Clock } from '../proxy/ports/clock.ts'
import type { KillSwitch } from '../proxy/guard/kill-switch.ts'
import { codeOf, readSmallFile, replaceFile } from './file.ts'

export interface SwitchFile {
  /** Those that were on, but for those whose time is up. */
  readonly restored: readonly KillSwitch[]
  /** Resolves with false when they could not be stored. Calls are carried out in their order. */
  readonly keep: (switches: readonly KillSwitch[]) => Promise<boolean>
}

/** The file is there and cannot be used: to start without it might release what somebody has stopped. */
export class SwitchFileError extends Error {
  override readonly name = 'SwitchFileError'
  readonly faults: readonly string[]

  constructor (path: string, fault: string) {
    super(
      `guard.switchesFile: ${path} ${fault}. The proxy cannot read its kill switches. Repair the file, or move it away to start with none.`
    )
    this.faults = [this.message]
  }
}

const FORMAT = 'switches'
const VERSION = 1

/**
 * `warn` is called for each failed write.
 * @throws SwitchFileError for a file that cannot be used
 */
export async function openSwitchFile (
  path: string | null,
  clock: Pick<Clock, 'epochMs'>,
  warn: (file: string, fault: string) => void
): Promise<SwitchFile> {
  if (path === null) return { restored: [], keep: () => Promise.resolve(false) }
  const read = await readSmallFile(path)
  if (read !== undefined && 'fault' in read) throw new SwitchFileError(path, read.fault)
  const nowMs = clock.epochMs()
  const restored = (read === undefined ? [] : decode(path, read.text)).filter(
    ({ untilMs }) => untilMs === null || untilMs > nowMs
  )
  let writing: Promise<unknown> = Promise.resolve()

  async function write (switches: readonly KillSwitch[]): Promise<boolean> {
    try {
      await replaceFile(
        path as string,
        `${JSON.stringify({ twilioGovernor: FORMAT, version: VERSION, switches }, null, 2)}\n`
      )
      return true
    } catch (error) {
      warn(path as string, `cannot be written (${codeOf(error)})`)
      return false
    }
  }

  const keep = (switches: readonly KillSwitch[]): Promise<boolean> => {
    const written = writing.then(() => write(switches))
    writing = written
    return written
  }
  // At once: that it cannot be written is better known before somebody needs it.
  await keep(restored)
  return { restored, keep }
}

function decode (path: string, text: string): readonly KillSwitch[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw new SwitchFileError(path, 'is not JSON')
  }
  const { twilioGovernor, version, switches } = isRecord(parsed) ? parsed : {}
  if (twilioGovernor !== FORMAT) throw new SwitchFileError(path, 'is not a file of kill switches')
  if (version !== VERSION) throw new SwitchFileError(path, `does not have version ${VERSION}`)
  if (!Array.isArray(switches) || !switches.every(isSwitch)) {
    throw new SwitchFileError(path, 'holds something that is not a kill switch')
  }
  return switches
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isTextOrNull = (value: unknown): boolean => value === null || typeof value === 'string'

const isMoment = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value)

function isSwitch (value: unknown): value is KillSwitch {
  return isRecord(value) && typeof value['name'] === 'string' && typeof value['reads'] === 'boolean' && isMoment(
    value['thrownAtMs']
  ) &&
    (value['untilMs'] === null || isMoment(value['untilMs'])) && ['account', 'product', 'caller', 'reason'].every(
    (key) => isTextOrNull(value[key])
  )
}
