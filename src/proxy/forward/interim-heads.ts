/**
 * Takes interim answers (1xx, RFC 9110, section 15.2) out of the bytes of a connection, so that the client library sees
 * the final one alone: it gives up at a 100 that it has not asked for. 101 is none of them: what follows it is no HTTP.
 */

/** More before one answer, heads or bytes of them, is no server at work. */
const HEADS_MOST = 64
const BYTES_MOST = 64 * 1024

/** `HTTP/1.1 100` and what ends the code. */
const START_BYTES = 13
const [CR, LF, SPACE, LETTER_H, DIGIT_1] = [0x0d, 0x0a, 0x20, 0x48, 0x31]
const NOTHING = Buffer.alloc(0)

class TooManyInterimError extends Error {
  readonly code = 'TOO_MANY_INTERIM_ANSWERS'
}

export class InterimHeads {
  /** `final`: the rest goes on as it is. `start`: an answer is to begin. `head`: within an interim one. */
  #in: 'final' | 'start' | 'head' = 'final'
  /** Too few bytes to tell what begins. */
  #held = NOTHING
  /** How much of the empty line that ends a head has come: nothing, a line's end, that and CR. */
  #ending: 0 | 1 | 2 = 0
  #heads = 0
  #bytes = 0

  /** A request is being sent, one at a time: the next byte that comes is the first of its answer. */
  expectAnswer (): void {
    this.#in = 'start'
    this.#held = NOTHING
    this.#heads = this.#bytes = 0
  }

  /** What is left of bytes that have come, which may be nothing; throws a TooManyInterimError. */
  rest (chunk: Buffer): Buffer {
    if (this.#in === 'final') return chunk
    if (this.#in === 'start' &&
      this.#held === NOTHING &&
      chunk[0] === LETTER_H &&
      chunk.length >= START_BYTES &&
      chunk[9] !== DIGIT_1) {
      this.#in = 'final'
      return chunk
    }
    let bytes = this.#held === NOTHING ? chunk : Buffer.concat([this.#held, chunk])
    this.#held = NOTHING
    while (bytes.length > 0) {
      if (this.#in === 'head') {
        bytes = this.#afterHead(bytes)
        continue
      }
      const begins = startOf(bytes)
      if (begins === 'unknown') {
        this.#held = Buffer.from(bytes)
        return NOTHING
      }
      if (begins === 'final') {
        this.#in = 'final'
        return bytes
      }
      if (++this.#heads > HEADS_MOST) throw new TooManyInterimError('too many interim answers')
      this.#in = 'head'
      this.#ending = 0
    }
    return bytes
  }

  #afterHead (bytes: Buffer): Buffer {
    for (let i = 0; i < bytes.length; i++) {
      if (++this.#bytes > BYTES_MOST) throw new TooManyInterimError('interim answers are too long')
      const byte = bytes[i]
      if (byte === LF && this.#ending > 0) {
        this.#in = 'start'
        return bytes.subarray(i + 1)
      }
      // A line may end without CR (RFC 9112, section 2.2).
      this.#ending = byte === LF ? 1 : byte === CR && this.#ending === 1 ? 2 : 0
    }
    return NOTHING
  }
}

/** What begins with these bytes: an interim answer, anything else, or too little to tell. */
function startOf (bytes: Buffer): 'interim' | 'final' | 'unknown' {
  for (let i = 0; i < START_BYTES; i++) {
    const byte = bytes[i]
    if (byte === undefined) return 'unknown'
    if (!fits(byte, i)) return 'final'
  }
  return bytes[10] === 0x30 && bytes[11] === DIGIT_1 ? 'final' : 'interim'
}

/** `HTTP/1.x 1xx`, and a space or a line's end. */
function fits (byte: number, place: number): boolean {
  if (place === 7 || place === 10 || place === 11) return byte >= 0x30 && byte <= 0x39
  if (place === 12) return byte === SPACE || byte === CR || byte === LF
  return byte === 'HTTP/1.x 1'.charCodeAt(place)
}
