/** A source of chance that is the same for the same seed. */
export interface Random {
  /** Uniform in [0, 1), in steps of 2^-32. */
  readonly next: () => number
  /** Mean 0, standard deviation 1. */
  readonly normal: () => number
  /** Exponential with this mean; 0 when the mean is 0. */
  readonly exponential: (mean: number) => number
  /** Lognormal by its median and its 99th percentile, in the unit of its arguments. */
  readonly lognormal: (median: number, p99: number) => number
  readonly chance: (probability: number) => boolean
  /** As many lower-case hexadecimal digits, a multiple of 8. */
  readonly hex: (digits: number) => string
}

/** The 99th percentile of the standard normal distribution. */
const Z99 = 2.3263478740408408

/**
 * xoshiro128** (Blackman and Vigna), its state filled from the seed and the purpose.
 * Each purpose is a stream of its own: one more draw for one of them leaves the others as they were.
 */
export function createRandom (seed: number, purpose = ''): Random {
  const fill = splitmix32(hashText(purpose, seed >>> 0))
  let a = fill(); let b = fill(); let c = fill(); let d = fill()
  let spare: number | undefined

  const bits = (): number => {
    const result = Math.imul(rotl(Math.imul(b, 5), 7), 9) >>> 0
    const t = b << 9
    c ^= a; d ^= b; b ^= c; a ^= d; c ^= t
    d = rotl(d, 11)
    return result
  }
  const next = (): number => bits() / 4294967296
  const normal = (): number => {
    if (spare !== undefined) {
      const value = spare
      spare = undefined
      return value
    }
    // Marsaglia's polar method gives two values at a time.
    let u: number; let v: number; let q: number
    do {
      u = 2 * next() - 1
      v = 2 * next() - 1
      q = u * u + v * v
    } while (q >= 1 || q === 0)
    const factor = Math.sqrt(-2 * Math.log(q) / q)
    spare = v * factor
    return u * factor
  }
  return {
    next,
    normal,
    exponential: (mean) => mean === 0 ? 0 : -Math.log(1 - next()) * mean,
    lognormal: (median, p99) => median === 0 ? 0 : median * Math.exp(Math.log(p99 / median) / Z99 * normal()),
    chance: (probability) => probability > 0 && next() < probability,
    hex: (digits) => {
      let text = ''
      while (text.length < digits) text += bits().toString(16).padStart(8, '0')
      return text
    }
  }
}

const rotl = (x: number, k: number): number => (x << k) | (x >>> (32 - k))

function splitmix32 (seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
    return (z ^ (z >>> 16)) >>> 0
  }
}

// FNV-1a over the text, started from the seed.
function hashText (text: string, seed: number): number {
  let hash = (2166136261 ^ seed) >>> 0
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619) >>> 0
  return hash
}
