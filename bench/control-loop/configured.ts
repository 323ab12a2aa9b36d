import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCaller } from '../../test/rig/scenario/caller.ts'
import type { Front } from '../../test/rig/scenario/contestant.ts'
import { startProgram } from '../../test/rig/scenario/program.ts'
import { freePort, whenListening } from './port.ts'

/** Starts a program that reads where it is to listen from a file of its own. */
export async function startConfigured (
  command: string, args: (file: string, folder: string) => readonly string[], config: (port: number) => string
): Promise<Front> {
  const folder = mkdtempSync(join(tmpdir(), 'governor-peer-'))
  const file = join(folder, 'peer.conf')
  const port = await freePort()
  writeFileSync(file, config(port))
  const program = startProgram(command, args(file, folder))
  const ended = program.ended.then((errors) => { throw new Error(`${command} ended: ${errors}`) })
  // Only the start waits for it.
  ended.catch(() => {})
  await Promise.race([whenListening(port), ended])
  return {
    pid: program.pid,
    caller: createCaller(`http://127.0.0.1:${port}`),
    stop: async () => {
      await program.stop()
      rmSync(folder, { recursive: true })
    }
  }
}
