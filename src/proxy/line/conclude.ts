/** The one way out of the line. Whatever ends an exchange, here it ends. */
import type { Exchange } from '../exchange-state.ts'
import type { Coalescing } from '../reads/coalesce.ts'
import type { Polling } from '../reads/polling.ts'
import type { Repeats } from '../repeats/repeats.ts'
import type { Ended } from '../reply/answers.ts'
import { toldEnd, type Telling } from './tell.ts'

/** What takes note of the end of an exchange. */
export interface Exit extends Telling {
  /** Exchanges on their way now. */
  readonly running: Set<Exchange>
  readonly reads: Coalescing
  readonly polling: Polling
  readonly repeats: Repeats
  /** Frees the memory of its body. */
  readonly letGo: (exchange: Exchange) => void
}

/**
 * What every exit owes, each once. What outlives the exchange has taken its part with it: a write that is left behind
 * its permit and its charge (leave-behind.ts), an answer that is still being read its permit (reply in exchange.ts).
 */
export function conclude (exchange: Exchange, ended: Ended, exit: Exit): void {
  exchange.charge?.end()
  // Chosen, and never sent.
  exchange.credential?.answered(0)
  exit.reads.written(exchange)
  exit.polling.watch(exchange)
  if (ended.answer !== undefined) exit.repeats.note(exchange, ended.answer)
  toldEnd(exchange, ended, exit)
  exit.running.delete(exchange)
  // Nobody above looks at its body any more.
  exit.letGo(exchange)
  // Who gets its place finds all of this done.
  exchange.permit?.abandon()
}
