/** A secret in a file or in a variable of the environment. */
import { readSmallFile } from '../storage/file.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Where a secret is. One of them. */
export interface SecretSource {
  readonly file?: string | undefined
  readonly variable?: string | undefined
}

export type SecretRead =
  | { readonly secret: string }
  /** What is wrong, without anything of what was read. */
  | { readonly fault: string }

/** Reads it now, without the line end that editors leave behind it. */
export async function readSecret ({ file, variable }: SecretSource, env: Environment): Promise<SecretRead> {
  if (file !== undefined) {
    const read = await readSmallFile(file)
    if (read === undefined) return { fault: 'the file is not there' }
    return 'text' in read ? filled(read.text, 'the file') : { fault: `the file ${read.fault}` }
  }
  return filled(variable === undefined ? '' : env[variable] ?? '', `the variable ${variable ?? ''}`)
}

function filled (text: string, where: string): SecretRead {
  const secret = text.trim()
  return secret === '' ? { fault: `${where} is empty` } : { secret }
}
