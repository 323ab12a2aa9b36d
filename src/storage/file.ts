/** A small file that is there whole, or not at all. */
import { constants } from 'node:fs'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'

/** More than ten thousand limits need; what is larger is something else. */
const MOST_BYTES = 8 * 1024 * 1024

export type Read =
  | { readonly text: string }
  | { readonly fault: string, readonly foreign: boolean }

/** Undefined when there is no such file. */
export async function readSmallFile (path: string): Promise<Read | undefined> {
  let handle: FileHandle | undefined
  try {
    // Without O_NONBLOCK a named pipe would make us wait for a writer; a file does not mind.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const status = await handle.stat()
    if (!status.isFile()) return { fault: 'is not a file', foreign: true }
    if (status.size > MOST_BYTES) return { fault: `is larger than ${MOST_BYTES} bytes`, foreign: true }
    return { text: await handle.readFile('utf8') }
  } catch (error) {
    const code = codeOf(error)
    return code === 'ENOENT' ? undefined : { fault: `cannot be read (${code})`, foreign: false }
  } finally {
    await handle?.close()
  }
}

/**
 * Readers see the old file or the new one, even over a crash or a loss of power: it is written beside
 * the old one, forced to the disk, and takes its name. For its owner alone, unless `mode` says otherwise.
 */
export async function replaceFile (path: string, text: string, mode = 0o600): Promise<void> {
  const draft = `${path}.tmp`
  // What a crash has left; `wx` then refuses what somebody may have put there since.
  await rm(draft, { force: true })
  const handle = await open(draft, 'wx', mode)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(draft, path)
  await syncFolder(dirname(path))
}

/** The new name is on the disk, too. Not every file system can do that, and none has to. */
async function syncFolder (path: string): Promise<void> {
  try {
    const handle = await open(path, 'r')
    await handle.sync().finally(() => handle.close())
  } catch {}
}

/** An error's code, such as EACCES: its message would repeat the path. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown'
