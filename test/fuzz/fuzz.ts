/**
 * Feeds mutated messages to decoders and looks at what comes out: a value or an error of ours, in bounded time, and a
 * value that says the same when it is encoded again. Every frame has its own random numbers, made of the seed, the
 * decoder and the frame's number, so that one frame can be played again alone.
 */
import { isDeepStrictEqual } from 'node:util'
import { equalBytes, toHex } from '../../node-core/base/bytes.ts'
import { isNodeError } from '../../node-core/base/errors.ts'
import { mutate } from './mutate.ts'
import { Random } from './random.ts'

/** A decoder of what others send. */
export interface Target {
  readonly name: string
  /** Valid messages. */
  readonly corpus: readonly Uint8Array[]
  /** A value, or an error whose code begins with one of `codes`. */
  decode(input: Uint8Array): unknown
  readonly codes: readonly string[]
  /** Encodes what was decoded. */
  readonly encode?: (value: never) => Uint8Array
  /** Only one string of bytes stands for a value, so encoding gives back what was decoded. */
  readonly canonical?: boolean
  /** Longer messages are cut off: for a decoder that has many to check in one. */
  readonly maxBytes?: number
}

export interface Failure {
  readonly target: string
  readonly frame: number
  readonly reason: string
  readonly hex: string
}

export interface TargetReport {
  readonly name: string
  accepted: number
  refused: number
  slowestMs: number
}

export interface FuzzReport {
  readonly targets: readonly TargetReport[]
  readonly failures: readonly Failure[]
}

export interface FuzzOptions {
  readonly seed: number
  /** All targets together. */
  readonly frames: number
  /** Number of the first frame of each target: to play one again. */
  readonly from?: number
  readonly onProgress?: (done: number) => void
}

/** One frame may take this long; it is tried again before that counts, since the machine may have been busy. */
const MAX_MS = 250
const MAX_FAILURES = 20
const ROUND = 1000

export function fuzz(targets: readonly Target[], { seed, frames, from = 0, onProgress }: FuzzOptions): FuzzReport {
  const reports = targets.map(({ name }): TargetReport => ({ name, accepted: 0, refused: 0, slowestMs: 0 }))
  const failures: Failure[] = []
  const each = Math.ceil(frames / targets.length)
  let done = 0
  for (let first = 0; first < each && failures.length < MAX_FAILURES; first += ROUND) {
    for (const [i, target] of targets.entries()) {
      for (let frame = first; frame < Math.min(first + ROUND, each) && done < frames; frame++, done++) {
        const input = frameOf(target, seed, from + frame)
        const reason = tryOne(target, input, reports[i] as TargetReport)
        if (reason !== undefined) failures.push({ target: target.name, frame: from + frame, reason, hex: toHex(frameOf(target, seed, from + frame)) })
      }
    }
    onProgress?.(done)
  }
  return { targets: reports, failures }
}

export function frameOf(target: Target, seed: number, frame: number): Uint8Array {
  let stream = frame
  for (const char of target.name) stream = (Math.imul(stream, 31) + char.charCodeAt(0)) | 0
  return mutate(new Random(seed, stream), target.corpus).slice(0, target.maxBytes)
}

/** What is wrong with the decoder, as this message shows it; undefined where nothing is. */
export function tryOne(target: Target, input: Uint8Array, report: TargetReport): string | undefined {
  const untouched = input.slice()
  const begin = performance.now()
  const outcome = attempt(() => target.decode(input))
  let ms = performance.now() - begin
  if (ms > MAX_MS) {
    const again = performance.now()
    attempt(() => target.decode(input))
    ms = Math.min(ms, performance.now() - again)
  }
  report.slowestMs = Math.max(report.slowestMs, ms)
  if (ms > MAX_MS) return `took ${Math.round(ms)} ms`
  if (!equalBytes(untouched, input)) return 'changed its input'
  if ('error' in outcome) {
    report.refused++
    const { error } = outcome
    if (isNodeError(error) && target.codes.some((code) => error.code.startsWith(code))) return undefined
    return `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
  }
  report.accepted++
  if (target.encode === undefined) return undefined
  const { encode } = target
  const encoded = attempt(() => encode(outcome.value as never))
  if ('error' in encoded) return `a decoded value does not encode: ${String(encoded.error)}`
  const bytes = encoded.value
  if (target.canonical === true) return equalBytes(bytes, input) ? undefined : `encodes to ${toHex(bytes)}`
  const second = attempt(() => target.decode(bytes))
  if ('error' in second) return `does not decode what it encodes: ${String(second.error)}`
  return isDeepStrictEqual(second.value, outcome.value) ? undefined : 'decodes what it encodes to another value'
}

function attempt<T>(run: () => T): { readonly value: T } | { readonly error: unknown } {
  try {
    return { value: run() }
  } catch (error) {
    return { error }
  }
}
