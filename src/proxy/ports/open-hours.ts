/** When a rule is open. Both are cheap enough for every request. */
export interface OpenHours {
  /** Milliseconds until it opens; 0 while it is open. Beyond what can be foreseen it is the time to look again. */
  readonly opensInMs: (epochMs: number) => number
  /** Milliseconds until it closes; 0 while it is closed. As above for one that stays open. */
  readonly closesInMs: (epochMs: number) => number
}
