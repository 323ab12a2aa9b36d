/** Loaded into a program of ours: its calendar is off by as many milliseconds as a file says, and its monotonic clock is not. */
import { readFileSync } from 'node:fs'

const file = process.env['TEST_CALENDAR_FILE'] ?? ''
const Real = Date
let offsetMs = 0
function look () { offsetMs = Number(readFileSync(file, 'utf8')) || offsetMs }
look()
setInterval(look, 20).unref()

globalThis.Date = class extends Real {
  constructor (...args) { super(...(args.length === 0 ? [Real.now() + offsetMs] : args)) }
  static now () { return Real.now() + offsetMs }
}
