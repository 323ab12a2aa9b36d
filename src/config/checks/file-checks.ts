/** What is wrong with files that the settings name. */
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { deferral } from '../schema/sections/deferral.ts'

const BEGIN = '-----BEGIN CERTIFICATE-----'

export function certificateFault (file: string): string | undefined {
  const { text, fault } = readText(file)
  if (text === undefined) return fault
  const certificates = text.split(BEGIN).slice(1)
  if (certificates.length === 0) return 'holds no certificate in PEM form'
  const broken = certificates.findIndex((rest) => !isCertificate(BEGIN + rest))
  return broken < 0 ? undefined : `holds a certificate that is damaged: number ${broken + 1} of ${certificates.length}`
}

const KEY = new RegExp(deferral.properties.key.pattern)

export function keyFileFault (file: string): string | undefined {
  const { text, fault } = readText(file)
  if (text === undefined) return fault
  const lines = text.split('\n').map((line) => line.trim()).filter((line) => line !== '')
  if (lines.length === 0) return 'holds no key'
  const broken = lines.findIndex((line) => !KEY.test(line))
  return broken < 0
    ? undefined
    : `holds a line that is not 32 bytes in hexadecimal or base64: number ${broken + 1} of ${lines.length}`
}

function readText (
  file: string
): { readonly text: string, readonly fault?: undefined } | { readonly text?: undefined, readonly fault: string } {
  try {
    return { text: readFileSync(file, 'latin1') }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
    return { fault: `cannot be read${code}` }
  }
}

function isCertificate (pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}
