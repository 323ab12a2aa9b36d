import { gzipSync } from 'node:zlib'
import t from 'tap'
import { decodedText } from '../../../src/proxy/forward/decoded-text.ts'

const TEXT = '{"code":20429}'
const utf16le = Buffer.from(TEXT, 'utf16le')
const utf16be = Buffer.from(TEXT, 'utf16le').swap16()

t.test('a body is read in the charset that its bytes show, else in the one that it names, else as UTF-8', async (t) => {
  for (const [what, body, type, text = TEXT] of [
    ['no type', Buffer.from(TEXT), undefined],
    ['UTF-16, low byte first, with a mark', Buffer.concat([Buffer.from([0xff, 0xfe]), utf16le]), undefined],
    ['UTF-16, high byte first, with a mark', Buffer.concat([Buffer.from([0xfe, 0xff]), utf16be]), undefined],
    ['UTF-16, low byte first', utf16le, 'application/json; charset=utf-8'],
    ['UTF-16, high byte first', utf16be, 'application/json'],
    ['a charset', Buffer.from('\xe4', 'latin1'), 'text/plain; charset=windows-1252', 'ä'],
    ['a charset in quotes and capitals', Buffer.from('\xe4', 'latin1'), 'text/plain;Charset = "ISO-8859-1"', 'ä'],
    ['a charset that nobody knows', Buffer.from(TEXT), 'application/json; charset=ebcdic-9'],
    ['UTF-8', Buffer.from('ä'), 'text/plain', 'ä'],
    ['nothing', Buffer.alloc(0), 'text/plain', '']
  ] as const) t.equal(decodedText(body, type === undefined ? {} : { 'content-type': type }), text, what)
})

t.test('a packed body is read up to 64 KiB of text', async (t) => {
  const packed = (bytes: number): Buffer => gzipSync(Buffer.alloc(bytes, 'x'))
  t.equal(decodedText(packed(64 * 1024), { 'content-encoding': 'gzip' })?.length, 64 * 1024)
  t.equal(decodedText(packed(64 * 1024 + 1), { 'content-encoding': 'gzip' }), undefined)
})
