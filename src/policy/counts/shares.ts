/**
 * Who holds how much of something bounded. A peer may hold all of it while nobody else wants it. When there is no
 * room, the peer that holds most gives way to one that would still hold less (max-min fairness: Bertsekas and
 * Gallager, Data Networks, 1992, section 6.5.2).
 */
export class Shares {
  readonly #held = new Map<string, number>()
  #total = 0

  get total (): number { return this.#total }

  /** Peers that hold something. */
  get peers (): number { return this.#held.size }

  of (peer: string): number { return this.#held.get(peer) ?? 0 }

  take (peer: string, amount: number): void {
    if (amount === 0) return
    this.#total += amount
    this.#held.set(peer, this.of(peer) + amount)
  }

  give (peer: string, amount: number): void {
    if (amount === 0) return
    this.#total -= amount
    const left = this.of(peer) - amount
    if (left === 0) this.#held.delete(peer)
    else this.#held.set(peer, left)
  }

  /** Peers that give way to one that wants so much more, the greediest first: they hold more than it would then. */
  yielding (peer: string, wanted: number): string[] {
    const would = this.of(peer) + wanted
    return [...this.#held].filter(([other, held]) => other !== peer && held > would).sort(([, a], [, b]) => b - a).map(
      ([other]) => other
    )
  }
}
