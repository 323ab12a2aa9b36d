/** The plan reads a log twice. A log from standard input is stored in a file meanwhile, which nobody else can read. */
import { createWriteStream } from 'node:fs'
import { access, constants, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { PlanError } from '../plan-error.ts'

export async function withFile<T> (log: string, use: (file: string) => Promise<T>): Promise<T> {
  if (log !== '-') return told(log, use)
  const folder = await mkdtemp(join(tmpdir(), 'twilio-governor-plan-'))
  try {
    const file = join(folder, 'log')
    await pipeline(process.stdin, createWriteStream(file, { mode: 0o600 }))
    return await told(file, use)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function told<T> (file: string, use: (file: string) => Promise<T>): Promise<T> {
  try {
    await access(file, constants.R_OK)
    return await use(file)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (typeof code === 'string' && code.startsWith('Z_')) {
      throw new PlanError(`${file} cannot be unpacked (${code}): it is not a gzip file, or it is cut off.`, error)
    }
    if (code === 'EISDIR') throw new PlanError(`${file} is a folder.`, error)
    throw error
  }
}
