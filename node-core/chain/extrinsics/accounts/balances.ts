/**
 * What the chain keeps of an account, by the metadata of the runtime: `System.Account`, as FRAME has it since 2020. Chains that keep
 * something else there have no balances that could be told.
 */
import { encodeSs58 } from '../../../crypto/keys/ss58.ts'
import { ScaleReader } from '../../../scale/reader.ts'
import { Names } from '../../explorer/names.ts'
import type { RuntimeTypes } from '../../explorer/runtime-types.ts'
import type { NamedValue, Value } from '../../explorer/types.ts'
import { ValueReader } from '../../explorer/values.ts'
import type { SenderStorage } from '../chain.ts'
import type { Hash } from '../../../base/bytes.ts'

/** In the smallest unit. */
export interface Balances {
  readonly free: bigint
  readonly reserved: bigint
  readonly frozen: bigint
}

const NOTHING: Balances = { free: 0n, reserved: 0n, frozen: 0n }
const MAX_VALUES = 1_000
/** Accounts among the values are not looked at: any form of address will do. */
const NAMES = new Names({ addressPrefix: 42, isPublic: true })

/** Nothing of an account that does not exist; undefined where the runtime does not say what it keeps. Throws a ScaleError or an ExplorerError. */
export function balancesOf(accountId: Uint8Array, stateRoot: Hash, storage: SenderStorage, runtime: RuntimeTypes): Balances | undefined {
  if (runtime.accounts === undefined) return undefined
  const value = storage.get(stateRoot, runtime.accounts.keyOf(encodeSs58(accountId)))
  if (value === undefined) return NOTHING
  const reader = new ValueReader(runtime, { accountOf: (key) => NAMES.account(key), limit: MAX_VALUES })
  const data = field(reader.read(runtime.accounts.type, new ScaleReader(value)), 'data')
  const free = amount(data, 'free')
  if (free === undefined) return undefined
  // Runtimes before 2023 froze for fees and for everything else apart.
  const frozen = amount(data, 'frozen') ?? max(amount(data, 'misc_frozen') ?? 0n, amount(data, 'fee_frozen') ?? 0n)
  return { free, reserved: amount(data, 'reserved') ?? 0n, frozen }
}

function field(value: Value | undefined, name: string): Value | undefined {
  const fields: readonly NamedValue[] = value?.kind === 'fields' ? value.fields : []
  return fields.find((one) => one.name === name)?.value
}

function amount(data: Value | undefined, name: string): bigint | undefined {
  const value = field(data, name)
  return value?.kind === 'balance' || value?.kind === 'number' ? BigInt(value.text) : undefined
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
