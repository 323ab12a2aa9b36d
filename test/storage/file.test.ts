import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { readSmallFile, replaceFile } from '../../src/storage/file.ts'

t.test('a file is replaced whole, for its owner alone, and nothing is left beside it', async (t) => {
  const folder = t.testdir({ 'state.json': 'old' })
  const path = join(folder, 'state.json')
  await replaceFile(path, 'new')
  t.strictSame(await readSmallFile(path), { text: 'new' })
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.same(readdirSync(folder), ['state.json'])
})

t.test('what a crash left beside it is no obstacle, and is not written through', async (t) => {
  const folder = t.testdir({ precious: 'mine', 'half.json.tmp': '{"twi' })
  await replaceFile(join(folder, 'half.json'), 'whole')
  symlinkSync(join(folder, 'precious'), join(folder, 'state.json.tmp'))
  await replaceFile(join(folder, 'state.json'), 'text')
  t.equal(readFileSync(join(folder, 'precious'), 'utf8'), 'mine')
  t.same(readdirSync(folder).sort(), ['half.json', 'precious', 'state.json'])
})

t.test('a write that fails leaves the old file as it was', async (t) => {
  const folder = t.testdir({ taken: { inside: '' } })
  await t.rejects(replaceFile(join(folder, 'taken'), 'text'), { code: /EISDIR|ENOTEMPTY|EEXIST/ })
  await t.rejects(replaceFile(join(folder, 'nowhere', 'state.json'), 'text'), { code: 'ENOENT' })
  t.same(readdirSync(join(folder, 'taken')), ['inside'])
})

t.test('a reader never meets half a file while it is being replaced', async (t) => {
  const path = join(t.testdir({}), 'state.json')
  const texts = ['a', 'b'].map((letter) => letter.repeat(200_000))
  await replaceFile(path, texts[0]!)
  const write = async (): Promise<void> => { for (let i = 0; i < 20; i++) await replaceFile(path, texts[i % 2]!) }
  const read = async (): Promise<void> => {
    for (let i = 0; i < 100; i++) {
      const found = await readSmallFile(path)
      if (found === undefined || !('text' in found) || !texts.includes(found.text)) t.fail('half a file')
    }
  }
  await Promise.all([write(), read()])
  t.same(await readSmallFile(path), { text: texts[1] })
})

t.test('what is no file, too large or not to be read is told, and waits for nobody', async (t) => {
  const folder = t.testdir({ large: '', secret: 'x' })
  mkdirSync(join(folder, 'folder'))
  truncateSync(join(folder, 'large'), 9 * 1024 * 1024)
  execFileSync('env', ['mkfifo', join(folder, 'pipe')])
  t.equal(await readSmallFile(join(folder, 'missing')), undefined)
  t.strictSame(await readSmallFile(join(folder, 'folder')), { fault: 'is not a file', foreign: true })
  t.strictSame(await readSmallFile(join(folder, 'pipe')), { fault: 'is not a file', foreign: true })
  t.strictSame(await readSmallFile(join(folder, 'large')), { fault: 'is larger than 8388608 bytes', foreign: true })
  t.strictSame(await readSmallFile(join(folder, 'secret', 'below')), { fault: 'cannot be read (ENOTDIR)', foreign: false })
  writeFileSync(join(folder, 'empty'), '')
  t.strictSame(await readSmallFile(join(folder, 'empty')), { text: '' })
})

t.test('the file and its new name are forced to the disk', async (t) => {
  const path = join(t.testdir({}), 'state.json')
  const probe = await open('/dev/null')
  const prototype = Object.getPrototypeOf(probe) as { sync: () => Promise<void>, writeFile: unknown }
  await probe.close()
  const { sync } = prototype
  const synced: string[] = []
  prototype.sync = async function (this: typeof probe) {
    const status = await this.stat()
    synced.push(status.isDirectory() ? 'folder' : `${status.size} bytes`)
    await sync.call(this)
  }
  t.teardown(() => { prototype.sync = sync })
  await replaceFile(path, 'new')
  t.same(synced, ['3 bytes', 'folder'])
})
