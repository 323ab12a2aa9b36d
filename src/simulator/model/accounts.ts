import { Account } from './account.ts'
import { createRandom } from './random.ts'
import { Rates } from './rates.ts'
import type { Settings } from './settings.ts'

interface Known { readonly account: Account, readonly rates: Rates, used: boolean }

const MAX_ACCOUNTS = 10_000

/** The accounts that have been seen. Bounded: the oldest that is idle makes room. */
export class Accounts {
  readonly #known = new Map<string, Known>()
  readonly #settings: () => Settings
  readonly #forgotten: (sid: string) => void

  constructor (settings: () => Settings, forgotten: (sid: string) => void) {
    this.#settings = settings
    this.#forgotten = forgotten
  }

  get (sid: string, nowMs: number): Pick<Known, 'account' | 'rates'> {
    const known = this.#known.get(sid)
    if (known !== undefined) return known
    if (this.#known.size >= MAX_ACCOUNTS) this.#forgetOne()
    const random = createRandom(this.#settings().seed, `others of ${sid}`)
    const fresh = { account: new Account(sid, this.#settings, random, nowMs), rates: new Rates(), used: false }
    this.#known.set(sid, fresh)
    return fresh
  }

  /** True once for each account. */
  firstUse (sid: string): boolean {
    const known = this.#known.get(sid)
    if (known === undefined || known.used) return false
    known.used = true
    return true
  }

  all (): readonly Account[] {
    return [...this.#known.values()].map(({ account }) => account)
  }

  #forgetOne (): void {
    for (const [sid, { account }] of this.#known) {
      if (account.own > 0) continue
      this.#known.delete(sid)
      this.#forgotten(sid)
      return
    }
  }
}
