/** PHP looks at no variable for whom to trust, only at its settings; but a folder with more of them can be named. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceUnlessSame } from './bundle.ts'

/** Writes settings that name the bundle, beside the authority. Resolves with their folder. */
export async function writePhpSettings (bundle: string, folder: string): Promise<string> {
  const settings = join(folder, 'php')
  await mkdir(settings, { recursive: true, mode: 0o755 })
  await replaceUnlessSame(
    join(settings, 'twilio-governor.ini'),
    `curl.cainfo="${bundle}"\nopenssl.cafile="${bundle}"\n`
  )
  return settings
}

/** PHP's list of folders with one more; an empty name stands for the one that it was built with. */
export const withFolder = (list: string, folder: string): string =>
  list.split(':').includes(folder) ? list : `${list}:${folder}`
