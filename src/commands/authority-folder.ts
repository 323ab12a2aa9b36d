/** `--dir`, the folder of the certificate authority. */
import { Option } from 'commander'
import { homedir } from 'node:os'
import { join } from 'node:path'

export const authorityFolder = (description = 'folder of the certificate authority'): Option =>
  new Option('-d, --dir <folder>', description).env('GOVERNOR_CA_DIR')

/** Where programs of a user keep their data (XDG Base Directory Specification). */
export function dataFolder (): string {
  return join(process.env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'twilio-governor')
}
