/** What `twilio-governor ca` does with an authority, and what it prints of it. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  CERTIFICATE_FILE,
  initAuthority,
  readAuthority,
  rotateAuthority,
  type Authority
} from '../../interception/authority.ts'
import { writeBundle } from './bundle.ts'

export type CaCommand = 'init' | 'ensure' | 'show' | 'path' | 'rotate'

/** The lines to print. */
export async function runCa (command: CaCommand, folder: string): Promise<readonly string[]> {
  switch (command) {
    case 'init': return described(await initAuthority(folder, Date.now()))
    case 'ensure': {
      const authority = await authorityIn(folder)
      await writeBundle(authority, resolve(folder), process.env)
      return described(authority)
    }
    case 'show': return described(readAuthority(folder))
    case 'path': return [readAuthority(folder).certificateFile]
    case 'rotate': return described(await rotateAuthority(folder, Date.now()))
  }
}

/** The authority in a folder; made where there is none. */
export async function authorityIn (folder: string): Promise<Authority> {
  return existsSync(join(folder, CERTIFICATE_FILE))
    ? readAuthority(resolve(folder))
    : initAuthority(resolve(folder), Date.now())
}

const described = ({ certificateFile, fingerprint, expiresAtMs }: Authority): readonly string[] => [
  `certificate  ${certificateFile}`,
  `SHA-256      ${fingerprint}`,
  `expires      ${new Date(expiresAtMs).toISOString()}`
]
