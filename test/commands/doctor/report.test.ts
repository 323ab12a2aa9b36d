import t from 'tap'
import { diagnose } from '../../../src/commands/doctor/diagnose.ts'
import { SDKS } from '../../../src/commands/doctor/finding.ts'
import { describe, isWell, toJson } from '../../../src/commands/doctor/report.ts'
import { facts, PROXY } from './situation.ts'

const report = (env: Record<string, string>, baseUrl?: string): Parameters<typeof describe>[0] => ({
  proxy: PROXY,
  judged: SDKS.map((sdk) => ({ sdk, version: sdk === 'node' ? '6.2.0' : undefined, file: sdk === 'node' ? 'package.json' : undefined })),
  findings: diagnose(env, facts({ baseUrl }), SDKS),
  notes: ['A note.']
})

t.test('people get the verdict first, lines that fit, and lines to paste that are whole', async (t) => {
  const text = describe(report({ http_proxy: PROXY, TWILIO_REGION: 'au1', NO_PROXY: '.twilio.com' }))
  t.match(text, '\n\ntwilio-node 6.2.0 (package.json)\n  bypasses  twilio-node reads HTTP_PROXY alone, in upper case: it does not see http_proxy.\n              export HTTP_PROXY=\'http://127.0.0.1:8080\'\n')
  t.match(text, /A note\.\nCertainly through the proxy: 0 of 9\.$/)
  const prose = text.split('\n').filter((line) => !line.startsWith(' '.repeat(14)))
  t.ok(prose.every((line) => line.length <= 100), 'in 100 columns')
  for (const line of prose.filter((line) => /^ {2}\S/.test(line))) t.match(line, /^ {2}(?:through|bypasses|fails|unknown|advice) {2,5}\S/)
})

t.test('programs get the same, as JSON', async (t) => {
  const given = report({})
  t.match(JSON.parse(toJson(given)), { ok: false, proxy: PROXY, sdks: given.judged.map(({ sdk }) => ({ sdk })), findings: JSON.parse(JSON.stringify(given.findings)), notes: ['A note.'] })
  t.notOk(isWell(given.findings))
  t.ok(isWell(given.findings.filter(({ verdict }) => verdict === 'advice' || verdict === 'through' || verdict === 'unknown')))
})

t.test('sentences are sentences, and no line to paste spans two', async (t) => {
  const environments = [{}, { HTTP_PROXY: 'http://x:1', HTTPS_PROXY: 'x' }, { http_proxy: PROXY, NO_PROXY: '*', TWILIO_REGION: 'au1' }, { HTTPS_PROXY: PROXY, HTTP_PROXY: PROXY }]
  for (const env of environments) {
    for (const baseUrl of [undefined, `${PROXY}/verify`, 'no url']) {
      for (const { sentence, fix } of report(env, baseUrl).findings) {
        t.match(sentence, /^[\w/].*\.$/)
        t.ok(fix.every((line) => !line.includes('\n')))
      }
    }
  }
})
