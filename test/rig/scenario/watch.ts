import { monitorEventLoopDelay } from 'node:perf_hooks'
import { request } from 'undici'
import { processorMs } from './program.ts'

/** One look at one proxy. */
export interface Sample {
  readonly atMs: number
  readonly proxy: number
  readonly limit: number
  readonly inflight: number
  readonly held: number
  readonly queued: number
}

/** How busy those were that should not have been: what they delayed is not the proxy's doing. */
export interface Strain {
  /** 99th percentile of how late this process's timers were, milliseconds. */
  readonly loadLagMs: number
  /** 99th percentile of the time that the simulator takes for a word that costs nothing, milliseconds. */
  readonly simulatorLagMs: number
  /** Parts of one core. */
  readonly loadCores: number
  readonly simulatorCores: number
  readonly proxyCores: number
}

/** Lags beyond which a run says as much of the machine as of the proxy, milliseconds. */
const LOAD_LAG_MOST_MS = 25
const SIMULATOR_LAG_MOST_MS = 40

export const isStrained = ({ loadLagMs, simulatorLagMs }: Strain): boolean => loadLagMs > LOAD_LAG_MOST_MS || simulatorLagMs > SIMULATOR_LAG_MOST_MS

interface AccountView {
  readonly limit: number
  readonly inflight: number
  readonly held: number
  readonly queued: Readonly<Record<string, number>>
}

export interface Watch {
  /** One more proxy to look at. */
  readonly add: (proxy: { readonly admin?: string, readonly pid: number }) => void
  readonly samples: readonly Sample[]
  /** A last look at every proxy; resolves with the slots that stay taken: a write that nobody waits for any more may end a little later. */
  readonly taken: () => Promise<number>
  readonly stop: () => Strain
}

const MONITOR_MS = 5
const LAST_LOOKS = 20
const LAST_LOOK_MS = 500

/** Looks at the proxies' /state, the simulator and this process. `everyMs` for each proxy. */
export function startWatch (simulator: { readonly origin: string, readonly pid: number }, everyMs: number, nowMs: () => number): Watch {
  const proxies: Array<{ readonly admin?: string, readonly pid: number, readonly beforeMs: number }> = []
  const samples: Sample[] = []
  const rounds: number[] = []
  const delay = monitorEventLoopDelay({ resolution: MONITOR_MS })
  delay.enable()
  const [startMs, ownMs, simulatorMs] = [nowMs(), process.cpuUsage(), processorMs(simulator.pid)]

  const look = async (admin: string, proxy: number): Promise<number> => {
    const { body } = await request(`${admin}/state`)
    const { accounts } = await body.json() as { readonly accounts: readonly AccountView[] }
    for (const { limit, inflight, held, queued } of accounts) {
      samples.push({ atMs: nowMs(), proxy, limit, inflight, held, queued: Object.values(queued).reduce((a, b) => a + b, 0) })
    }
    return accounts.reduce((sum, { inflight, held }) => sum + inflight + held, 0)
  }
  const round = async (): Promise<void> => {
    const sentMs = nowMs()
    const { body } = await request(`${simulator.origin}/_simulator/health`)
    await body.dump()
    rounds.push(nowMs() - sentMs)
  }
  const timer = setInterval(() => {
    const looks = [round(), ...proxies.flatMap(({ admin }, i) => admin === undefined ? [] : [look(admin, i)])]
    // Who does not answer, leaves no sample: what is asked of samples then fails.
    for (const promise of looks) promise.catch(() => {})
  }, everyMs)

  return {
    samples,
    add: (proxy) => { proxies.push({ ...proxy, beforeMs: processorMs(proxy.pid) }) },
    taken: async () => {
      for (let looks = 1; ; looks++) {
        const slots = await Promise.all(proxies.flatMap(({ admin }, i) => admin === undefined ? [] : [look(admin, i)]))
        const sum = slots.reduce((a, b) => a + b, 0)
        if (sum === 0 || looks === LAST_LOOKS) return sum
        await new Promise((resolve) => { setTimeout(resolve, LAST_LOOK_MS) })
      }
    },
    stop: () => {
      clearInterval(timer)
      delay.disable()
      rounds.sort((a, b) => a - b)
      const elapsedMs = nowMs() - startMs
      const { user, system } = process.cpuUsage(ownMs)
      return {
        loadLagMs: Math.max(0, delay.percentile(99) / 1e6 - MONITOR_MS),
        simulatorLagMs: rounds[Math.floor(0.99 * rounds.length)] ?? 0,
        loadCores: (user + system) / 1000 / elapsedMs,
        simulatorCores: (processorMs(simulator.pid) - simulatorMs) / elapsedMs,
        proxyCores: proxies.reduce((sum, { pid, beforeMs }) => sum + processorMs(pid) - beforeMs, 0) / elapsedMs
      }
    }
  }
}
