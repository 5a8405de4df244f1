/**
 * `TransactionPaymentApi` (Polkadot Host spec, section C.10): what a transaction would cost.
 *
 * A weight was one number of 32 bits, then of 64, then a structure around that number, and is a structure of two since: time, and the
 * size of a proof. Version 2 of the API has the last of these. In version 1 the length tells a number of 32 bits from one of 64, and the
 * metadata, which names the type of the structure and its fields, tells these from each other.
 */
import { EMPTY, type Hash } from '../../../base/bytes.ts'
import { Lru } from '../../../base/lru.ts'
import { ScaleError, decodeAll, type ScaleReader } from '../../../scale/reader.ts'
import type { CallOptions } from '../types.ts'
import { versionOfApi, type ApiCaller } from './by-version.ts'

/** A number in runtimes of before September 2022. */
export type Weight = number | { readonly refTime: number; readonly proofSize: number | undefined }

/** A number; a structure around it, encoded as it is; a structure of two compact integers. */
type WeightForm = 'number' | 'one' | 'two'

export type DispatchClass = 'normal' | 'operational' | 'mandatory'

export interface DispatchInfo {
  readonly weight: Weight
  readonly class: DispatchClass
  readonly partialFee: bigint
}

/** Of the three parts of the inclusion fee; undefined where none is paid. The tip is the sender's own choice. */
export interface FeeDetails {
  readonly inclusionFee: { readonly baseFee: bigint; readonly lenFee: bigint; readonly adjustedWeightFee: bigint } | undefined
}

const CLASSES: readonly DispatchClass[] = ['normal', 'operational', 'mandatory']
const FIRST_WITH_PROOF_SIZE = 2
/** What follows the weight: a class and a balance. */
const TAIL_SIZE = 1 + 16
/** The module of the structure and its second field, as the metadata of runtimes that have them names them. */
const [STRUCTURE, SECOND_FIELD] = ['weight_v2', 'proof_size']
const REMEMBERED_RUNTIMES = 16

/** `TransactionPaymentApi_query_info` (C.10.1). */
export class PaymentQueries {
  readonly #caller: ApiCaller
  /** Of runtimes with version 1 of the API. */
  readonly #forms = new Lru<string, WeightForm>(REMEMBERED_RUNTIMES)

  constructor(caller: ApiCaller) {
    this.#caller = caller
  }

  /** `args` are the extrinsic and its length. Throws a RuntimeError or a ScaleError. */
  async info(stateRoot: Hash, args: Uint8Array, options?: CallOptions): Promise<DispatchInfo> {
    const runtime = await this.#caller.version(stateRoot)
    const version = versionOfApi(runtime, 'TransactionPaymentApi') ?? 1
    const output = await this.#caller.call(stateRoot, 'TransactionPaymentApi_query_info', args, options)
    if (version >= FIRST_WITH_PROOF_SIZE) return decodeDispatchInfo(output, version)
    const name = `${runtime.specName}/${runtime.specVersion}/${runtime.implVersion}`
    let form = this.#forms.get(name)
    if (form === undefined) this.#forms.set(name, (form = await this.#formOf(stateRoot, options)))
    return decodeDispatchInfo(output, version, form)
  }

  /** `TransactionPaymentApi_query_fee_details` (C.10.2), the same in every version. */
  async feeDetails(stateRoot: Hash, args: Uint8Array, options?: CallOptions): Promise<FeeDetails> {
    return decodeFeeDetails(await this.#caller.call(stateRoot, 'TransactionPaymentApi_query_fee_details', args, options))
  }

  async #formOf(stateRoot: Hash, options?: CallOptions): Promise<WeightForm> {
    const metadata = await this.#caller.call(stateRoot, 'Metadata_metadata', EMPTY, options).catch(() => EMPTY)
    const bytes = Buffer.from(metadata.buffer, metadata.byteOffset, metadata.length)
    if (!bytes.includes(STRUCTURE)) return 'number'
    return bytes.includes(SECOND_FIELD) ? 'two' : 'one'
  }
}

/** `form` counts in version 1 of the API only. Throws a ScaleError. */
export function decodeDispatchInfo(output: Uint8Array, version: number, form: WeightForm = 'number'): DispatchInfo {
  return decodeAll(output, 'the dispatch info', (reader) => {
    const weight = readWeight(reader, version >= FIRST_WITH_PROOF_SIZE ? 'two' : form)
    const kind = CLASSES[reader.u8()]
    if (kind === undefined) throw new ScaleError('SCALE_INVALID', 'unknown dispatch class')
    return { weight, class: kind, partialFee: reader.u128() }
  })
}

/** Throws a ScaleError. */
export function decodeFeeDetails(output: Uint8Array): FeeDetails {
  return decodeAll(output, 'the fee details', (reader) => {
    const inclusionFee = reader.option(() => ({ baseFee: reader.u128(), lenFee: reader.u128(), adjustedWeightFee: reader.u128() }))
    reader.u128()
    return { inclusionFee }
  })
}

/** What its length says goes before `form`. The greatest weight there is means "never"; clients read it as a floating number, too. */
function readWeight(reader: ScaleReader, form: WeightForm): Weight {
  const size = reader.remaining - TAIL_SIZE
  if (form === 'two' || (size !== 4 && size !== 8)) {
    return { refTime: Number(reader.compact()), proofSize: reader.remaining > TAIL_SIZE ? Number(reader.compact()) : undefined }
  }
  const number = size === 4 ? reader.u32() : Number(reader.u64())
  return form === 'one' ? { refTime: number, proofSize: undefined } : number
}
