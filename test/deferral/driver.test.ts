import t from 'tap'
import { openDatabase } from '../../src/deferral/database.ts'
import { DeferralFileError } from '../../src/deferral/errors.ts'

t.test('an install without the driver\'s native part is told what to do', async (t) => {
  const missing = async (): Promise<never> => { throw Object.assign(new Error('Cannot find module \'@libsql/linux-x64-gnu\''), { code: 'MODULE_NOT_FOUND' }) }
  const error = await openDatabase(`${t.testdir({})}/jobs.db`, missing).then(() => undefined, (thrown: unknown) => thrown)
  t.ok(error instanceof DeferralFileError)
  t.match(error, { message: /^deferral\.file: libsql, .* cannot be loaded here \(MODULE_NOT_FOUND\)\. Install .* without --omit=optional .*\. Or remove deferral\.file\.$/ })
})
