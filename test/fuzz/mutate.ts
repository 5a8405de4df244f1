/**
 * What is done to a valid message: bits and bytes changed, ends cut off, parts put in, taken out, said many times over or
 * borrowed from another message, and numbers that stand where lengths may stand replaced by those at the edges.
 */
import { EMPTY, concatBytes } from '../../node-core/base/bytes.ts'
import type { Random } from './random.ts'

/** Messages grow to this at the most; that is many times what an entry takes. */
const MAX_BYTES = 64 * 1024
/** Once in a while a message of many equal entries is longer. */
const MAX_BOMB_BYTES = 1024 * 1024

/** SCALE's compact integers at the edges of each form, and some that are not in their shortest form or too long. */
const COMPACTS = [
  [0x00], [0x04], [0xfc], [0x01, 0x01], [0xfd, 0xff], [0x02, 0x00, 0x01, 0x00], [0xfe, 0xff, 0xff, 0xff],
  [0x03, 0x00, 0x00, 0x00, 0x40], [0x03, 0xff, 0xff, 0xff, 0xff], [0x07, 0x00, 0x00, 0x00, 0x00, 0x01],
  [0x0f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f], [0x13, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0x01, 0x00], [0x02, 0x00, 0x00, 0x00], [0x03, 0x00, 0x00, 0x00, 0x00], [0xff, ...new Array<number>(67).fill(0xff)], [0xff],
]
/** Unsigned LEB128, as frames and protobuf have it: the same. */
const VARINTS = [
  [0x00], [0x01], [0x7f], [0x80, 0x01], [0xff, 0x7f], [0x80, 0x80, 0x80, 0x01], [0xff, 0xff, 0xff, 0x7f], [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], [0x80, 0x00], [0x80],
]
const WORDS = [
  [0, 0, 0, 0], [0xff, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0x7f], [0, 0, 0, 0x80],
  [0, 0, 0, 0, 0, 0, 0x20, 0], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 0], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
]
const EDGES = [...COMPACTS, ...VARINTS, ...WORDS].map((bytes) => Uint8Array.from(bytes))

type Mutation = (input: Uint8Array, random: Random, corpus: readonly Uint8Array[]) => Uint8Array

const MUTATIONS: readonly Mutation[] = [
  flipBits, changeByte, truncate, insert, remove, edge, edge, repeat, splice, changeByte, flipBits,
]

/** One to four mutations of a message of the corpus; now and then nothing but noise, or the message as it was. */
export function mutate(random: Random, corpus: readonly Uint8Array[]): Uint8Array {
  if (random.once(100)) return random.bytes(random.below(200))
  let message = random.pick(corpus)
  if (random.once(20)) return message.slice()
  if (random.once(2000)) return bomb(message, random)
  const rounds = 1 + random.below(4)
  for (let i = 0; i < rounds; i++) message = random.pick(MUTATIONS)(message, random, corpus)
  return message.slice(0, MAX_BYTES)
}

function flipBits(input: Uint8Array, random: Random): Uint8Array {
  const out = input.slice()
  const count = 1 + random.below(4)
  for (let i = 0; i < count && out.length > 0; i++) {
    const at = position(out, random)
    out[at] = (out[at] as number) ^ (1 << random.below(8))
  }
  return out
}

function changeByte(input: Uint8Array, random: Random): Uint8Array {
  const out = input.slice()
  if (out.length > 0) out[position(out, random)] = random.u32()
  return out
}

function truncate(input: Uint8Array, random: Random): Uint8Array {
  return input.subarray(0, random.below(input.length + 1))
}

function insert(input: Uint8Array, random: Random): Uint8Array {
  const at = random.below(input.length + 1)
  return concatBytes(input.subarray(0, at), random.bytes(1 + random.below(16)), input.subarray(at))
}

function remove(input: Uint8Array, random: Random): Uint8Array {
  const at = random.below(input.length + 1)
  return concatBytes(input.subarray(0, at), input.subarray(at + 1 + random.below(16)))
}

/** A number at the edge in place of what stands there, or before it. */
function edge(input: Uint8Array, random: Random): Uint8Array {
  const at = input.length === 0 ? 0 : position(input, random)
  const number = random.pick(EDGES)
  const skipped = random.pick([0, 1, number.length])
  return concatBytes(input.subarray(0, at), number, input.subarray(at + skipped))
}

function repeat(input: Uint8Array, random: Random): Uint8Array {
  const from = random.below(input.length + 1)
  const part = input.subarray(from, from + 1 + random.below(64))
  const times = 1 + random.below(random.once(10) ? 400 : 8)
  return concatBytes(input.subarray(0, from), ...new Array<Uint8Array>(times).fill(part), input.subarray(from + part.length))
}

function splice(input: Uint8Array, random: Random, corpus: readonly Uint8Array[]): Uint8Array {
  const other = random.pick(corpus)
  return concatBytes(input.subarray(0, random.below(input.length + 1)), other.subarray(random.below(other.length + 1)))
}

/** One short part of the message, over and over, behind a count that says so. */
function bomb(input: Uint8Array, random: Random): Uint8Array {
  const from = random.below(Math.min(input.length + 1, 256))
  const part = input.subarray(from, from + 1 + random.below(8))
  if (part.length === 0) return EMPTY
  const out = new Uint8Array(MAX_BOMB_BYTES)
  const head = concatBytes(input.subarray(0, from), random.once(2) ? EMPTY : random.pick(EDGES))
  out.set(head)
  for (let at = head.length; at + part.length <= out.length; at += part.length) out.set(part, at)
  return out
}

/** Anywhere, and more often near the beginning, where lengths and tags are. */
function position(input: Uint8Array, random: Random): number {
  return random.below(random.once(2) ? input.length : Math.min(input.length, 80))
}
