/** The clients of our own that docs/adoption has for those who do without certificates, as they are printed there. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { simulator } from '../simulator/support.ts'
import { startApp } from '../support/app.ts'
import { run } from '../support/programs.ts'
import { SID } from './stage.ts'
import { allCame, MESSAGES, script, SEEN } from './tunnelled.ts'

const PYTHON = '/usr/bin/python3'
const { mediaBytes: _, ...ROUND } = SEEN
/** No recording: it is none of the SDK's calls. */
const REQUESTS = MESSAGES + 1 + 2 + 3 + 2 + 1

/** The block of code on a page of docs/adoption that has these words in it. */
function printed (page: string, words: string): string {
  const text = readFileSync(new URL(`../../docs/adoption/${page}`, import.meta.url), 'utf8')
  const block = [...text.matchAll(/^```\w+\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code).find((code) => code.includes(words))
  if (block === undefined) throw new Error(`no "${words}" on ${page}`)
  return block
}

interface Program {
  readonly command: string
  readonly file: string
  /** The program with the block in it. */
  readonly around: (block: string) => string
}

async function assertRound (t: Test, page: string, { command, file, around }: Program, env: Readonly<Record<string, string>>): Promise<void> {
  const twilio = await simulator(t)
  const governor = await startApp(t, twilio.origin)
  const path = join(t.testdir({}), file)
  writeFileSync(path, around(printed(page, 'class ThroughGovernor').replaceAll('http://127.0.0.1:8080', governor.proxy)))
  const { code, stdout, stderr } = await run(t, command, [path], { env }).ended
  t.equal(code, 0, stderr)
  t.same(JSON.parse(stdout), ROUND)
  allCame(t, { governor, twilio }, REQUESTS)
}

const node: Program = {
  command: process.execPath,
  file: 'shim.mjs',
  around: (block) => `import twilio from 'twilio'
import { round } from '${script('round-node.mjs')}'
const accountSid = '${SID}', authToken = 'secret'
${block}
console.log(JSON.stringify(await round(client, ${MESSAGES})))`
}
const python: Program = {
  command: PYTHON,
  file: 'shim.py',
  around: (block) => `import json
from twilio.rest import Client
from round_python import go_round
account_sid, auth_token = '${SID}', 'secret'
${block}
print(json.dumps(go_round(client, ${MESSAGES})))`
}
const REGION = { TWILIO_REGION: 'au1', TWILIO_EDGE: 'sydney' }
const withoutPython = { skip: existsSync('/usr/lib/python3/dist-packages/twilio') ? false : 'python3-twilio is not installed' }
const PATHS = { PYTHONPATH: script('.'), PYTHONDONTWRITEBYTECODE: '1' }

t.test('the client for Node sends everything through the proxy, pages included', async (t) => assertRound(t, 'node.md', node, {}))
t.test('the client for Node does so in a region, too', async (t) => assertRound(t, 'node.md', node, REGION))
t.test('the client for Python sends everything through the proxy, pages included', withoutPython, async (t) => assertRound(t, 'python.md', python, PATHS))
t.test('the client for Python does so in a region, too', withoutPython, async (t) => assertRound(t, 'python.md', python, { ...PATHS, ...REGION }))
