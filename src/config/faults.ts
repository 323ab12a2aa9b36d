import { withoutSecrets } from './shown.ts'

export interface Fault {
  /**
   * Dotted key (`limit.min`), variable (`GOVERNOR_PORT`), option (`--config`) or place in the file (`line 3, column
   * 5`).
   */
  readonly path: string
  /** What is wrong and what is accepted. Holds no free text from the file or the environment. */
  readonly message: string
}

/** The settings cannot be used. Lists every fault found, not just the first. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly file: string | undefined
  readonly faults: readonly Fault[]

  constructor (file: string | undefined, faults: readonly Fault[]) {
    const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`
    const lines = faults.map(({ path, message }) => `  ${path}: ${message}`)
    super([`${count} in ${file === undefined ? 'the environment' : withoutSecrets(file)}`, ...lines].join('\n'))
    this.file = file
    this.faults = faults
  }
}
