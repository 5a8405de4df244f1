/** Block headers and digests (Polkadot Host spec, section 3.3.2 "Block Header"). */
import type { Hash } from '../../base/bytes.ts'
import { fromBinaryString, toBinaryString } from '../../base/bytes.ts'
import { assertNever } from '../../base/errors.ts'
import { blake2Hash } from '../../crypto/hashes/hashing.ts'
import type { ScaleReader} from '../../scale/reader.ts';
import { ScaleError, decodeAll } from '../../scale/reader.ts'
import { ScaleWriter } from '../../scale/writer.ts'

/** Four bytes as a binary string: ASCII for engines that anybody knows, anything for others. */
export type EngineId = string

export type DigestItem =
  | { readonly type: 'preRuntime' | 'consensus' | 'seal'; readonly engine: EngineId; readonly data: Uint8Array }
  | { readonly type: 'other'; readonly data: Uint8Array }
  | { readonly type: 'runtimeEnvironmentUpdated' }

export interface Header {
  readonly parentHash: Hash
  readonly number: number
  readonly stateRoot: Hash
  readonly extrinsicsRoot: Hash
  readonly digest: readonly DigestItem[]
}

const TAG = { other: 0, consensus: 4, seal: 5, preRuntime: 6, runtimeEnvironmentUpdated: 8 } as const

/** Blocks are numbered by a u32. */
const MAX_NUMBER = 0xffff_ffff

/** What a header may carry at the most; far above anything a real chain produces. */
const MAX_DIGEST_ITEMS = 64

export function writeDigestItem(writer: ScaleWriter, item: DigestItem): void {
  writer.u8(TAG[item.type])
  switch (item.type) {
    case 'preRuntime':
    case 'consensus':
    case 'seal':
      writer.raw(engineBytes(item.engine)).bytes(item.data)
      break
    case 'other':
      writer.bytes(item.data)
      break
    case 'runtimeEnvironmentUpdated':
      break
    default:
      assertNever(item)
  }
}

export function readDigestItem(reader: ScaleReader): DigestItem {
  const tag = reader.u8()
  switch (tag) {
    case TAG.preRuntime:
      return { type: 'preRuntime', engine: readEngine(reader), data: reader.bytes() }
    case TAG.consensus:
      return { type: 'consensus', engine: readEngine(reader), data: reader.bytes() }
    case TAG.seal:
      return { type: 'seal', engine: readEngine(reader), data: reader.bytes() }
    case TAG.other:
      return { type: 'other', data: reader.bytes() }
    case TAG.runtimeEnvironmentUpdated:
      return { type: 'runtimeEnvironmentUpdated' }
    default:
      throw new ScaleError('SCALE_INVALID', `unknown digest item ${tag}`)
  }
}

export function writeHeader(writer: ScaleWriter, header: Header): ScaleWriter {
  return writer
    .hash(header.parentHash)
    .compact(header.number)
    .hash(header.stateRoot)
    .hash(header.extrinsicsRoot)
    .vec(header.digest, writeDigestItem)
}

export function readHeader(reader: ScaleReader): Header {
  return {
    parentHash: reader.hash(),
    number: readNumber(reader),
    stateRoot: reader.hash(),
    extrinsicsRoot: reader.hash(),
    digest: reader.vec(readDigestItem, 1, MAX_DIGEST_ITEMS),
  }
}

function readNumber(reader: ScaleReader): number {
  const number = reader.compactNumber()
  if (number > MAX_NUMBER) throw new ScaleError('SCALE_OUT_OF_RANGE', `${number} is no block number`)
  return number
}

export function encodeHeader(header: Header): Uint8Array {
  return writeHeader(new ScaleWriter(512), header).finish()
}

/** The block's hash: blake2b-256 of the encoded header. */
export function headerHash(header: Header): Hash {
  return encodedHeaderHash(encodeHeader(header))
}

export function encodedHeaderHash(encoded: Uint8Array): Hash {
  return blake2Hash(encoded)
}

export function decodeHeader(input: Uint8Array): Header {
  return decodeAll(input, 'the header', readHeader)
}

export function encodeDigest(digest: readonly DigestItem[]): Uint8Array {
  return new ScaleWriter().vec(digest, writeDigestItem).finish()
}

export function decodeDigest(input: Uint8Array): DigestItem[] {
  return decodeAll(input, 'the digest', (reader) => reader.vec(readDigestItem, 1, MAX_DIGEST_ITEMS))
}

export function encodeDigestItem(item: DigestItem): Uint8Array {
  const writer = new ScaleWriter()
  writeDigestItem(writer, item)
  return writer.finish()
}

/** The header without its last item, which must be `engine`'s seal; undefined where it is not. */
export function splitSeal(header: Header, engine: EngineId): { unsealed: Header; seal: Uint8Array } | undefined {
  const last = header.digest.at(-1)
  if (last?.type !== 'seal' || last.engine !== engine) return undefined
  return { unsealed: { ...header, digest: header.digest.slice(0, -1) }, seal: last.data }
}

export function readEngine(reader: ScaleReader): EngineId {
  return toBinaryString(reader.raw(4))
}

export function engineBytes(engine: EngineId): Uint8Array {
  if (!/^[\0-\xff]{4}$/.test(engine)) throw new ScaleError('SCALE_INVALID', `an engine id has 4 bytes: ${engine}`)
  return fromBinaryString(engine)
}
