/**
 * Extrinsics (Polkadot Host spec, section 8.1 "Extrinsics"): a format byte, for signed ones the signer, the signature and the
 * extensions, and the call. Version 4 is signed or bare; version 5 is bare, or general with the extensions alone.
 */
import { toHex } from '../../base/bytes.ts'
import { errorMessage } from '../../base/errors.ts'
import { blake2Hash } from '../../crypto/hashes/hashing.ts'
import { ScaleReader } from '../../scale/reader.ts'
import { ExplorerError } from './errors.ts'
import { endsIn } from './metadata.ts'
import type { Extension, RuntimeTypes } from './runtime-types.ts'
import type { ExtrinsicDetails, SignedBy, Value } from './types.ts'
import type { ValueReader } from './values.ts'

/** Bytes of an extrinsic that are shown as they are. */
const MAX_RAW = 2_048

const FORMAT = { bare: 0, general: 1, signed: 2 } as const

type Decoded = Pick<ExtrinsicDetails, 'call' | 'signed' | 'problem'>
export type PlainExtrinsic = Omit<ExtrinsicDetails, 'events' | 'succeeded' | 'failure' | 'fee'>

/** Never throws: what does not decode says why. `tools` are undefined where there are no types to decode by. */
export function describeExtrinsic(encoded: Uint8Array, index: number, tools: { runtime: RuntimeTypes; values: ValueReader } | undefined): PlainExtrinsic {
  const plain = { index, hash: blake2Hash(encoded), size: encoded.length, hex: toHex(encoded.subarray(0, MAX_RAW)) }
  if (tools === undefined) return { ...plain, call: undefined, signed: undefined, problem: undefined }
  return { ...plain, ...decode(encoded, tools.runtime, tools.values) }
}

function decode(encoded: Uint8Array, runtime: RuntimeTypes, values: ValueReader): Decoded {
  let signed: SignedBy | undefined
  try {
    const reader = new ScaleReader(new ScaleReader(encoded).bytes())
    const format = reader.u8()
    const version = format & 0x3f
    const kind = format >> 6
    if (version !== 4 && version !== 5) throw new ExplorerError('EXPLORER_UNDECODABLE', `Extrinsics of version ${version} are not supported.`)
    if (kind === FORMAT.signed) {
      const account = values.read(runtime.address, reader)
      values.read(runtime.signature, reader)
      signed = readExtensions(account, runtime.extensions.get(0) ?? [], values, reader)
    } else if (kind === FORMAT.general) {
      const set = reader.u8()
      signed = readExtensions({ kind: 'none' }, runtime.extensions.get(set) ?? [], values, reader)
    }
    const call = values.readCall(reader)
    reader.end('the extrinsic')
    return { call, signed, problem: undefined }
  } catch (error) {
    return { call: undefined, signed, problem: errorMessage(error) }
  }
}

function readExtensions(account: Value, extensions: readonly Extension[], values: ValueReader, reader: ScaleReader): SignedBy {
  let nonce: string | undefined
  let tip: string | undefined
  let mortality: SignedBy['mortality']
  for (const { identifier, type } of extensions) {
    if (endsIn(values.type(type), 'CheckMortality') || endsIn(values.type(type), 'CheckEra') || endsIn(values.type(type), 'Era')) mortality = readEra(reader)
    else {
      const value = values.read(type, reader)
      if (/Nonce$/.test(identifier)) nonce = numberIn(value) ?? nonce
      else if (/Charge.*Payment/.test(identifier)) tip = numberIn(value)
    }
  }
  return { account, nonce, tip, mortality }
}

/** The first number of a value. */
function numberIn(value: Value): string | undefined {
  if (value.kind === 'number' || value.kind === 'balance') return value.text
  return value.kind === 'fields' && value.fields[0] !== undefined ? numberIn(value.fields[0].value) : undefined
}

/** One byte of zero for ever; else two, the period in the low four bits and the phase, in steps, in the others. */
function readEra(reader: ScaleReader): SignedBy['mortality'] {
  const first = reader.u8()
  if (first === 0) return undefined
  const encoded = first | (reader.u8() << 8)
  const period = 2 << (encoded % 16)
  return { period, phase: (encoded >> 4) * Math.max(1, period >> 12) }
}
