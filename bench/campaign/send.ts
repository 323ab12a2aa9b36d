import twilio from 'twilio'

export interface Sent {
  /** When each message was accepted, milliseconds from the start, in order. */
  readonly doneAtMs: readonly number[]
  /** Calls that ended in an error. */
  readonly failures: number
  /** When the last call began; from then on fewer and fewer are open. */
  readonly lastStartMs: number
}

/** Sends messages from so many calls at once, each as soon as the one before has ended. */
export async function send (baseUrl: string, messages: number, calls: number): Promise<Sent> {
  const client = twilio(`AC${'0'.repeat(32)}`, 'token')
  client.api.baseUrl = baseUrl
  const doneAtMs: number[] = []
  let [next, failures, lastStartMs] = [0, 0, 0]
  const startedAtMs = performance.now()
  await Promise.all(Array.from({ length: calls }, async () => {
    while (next < messages) {
      const body = `message ${next++}`
      lastStartMs = performance.now() - startedAtMs
      try {
        await client.messages.create({ from: '+15005550006', to: '+15005550001', body })
        doneAtMs.push(performance.now() - startedAtMs)
      } catch {
        failures++
      }
    }
  }))
  return { doneAtMs, failures, lastStartMs }
}
