/**
 * A runtime's own description (RuntimeMetadataPrefixed, versions 9 to 16), ready to decode by.
 *
 * The registry lists every type the runtime uses; pallets name their calls, events, errors and storage by entries of it.
 * Versions before 14 name types without describing them: for these there is a book of types kept by hand (untyped/).
 */
import { getDynamicBuilder, getLookupFn } from '@polkadot-api/metadata-builders'
import { decAnyMetadata, unifyMetadata, type UnifiedMetadata } from '@polkadot-api/substrate-bindings'
import { fromHex } from '../../base/bytes.ts'
import { ScaleReader } from '../../scale/reader.ts'
import { ExplorerError } from './errors.ts'
import type { RuntimeTypes, TypeEntry } from './runtime-types.ts'
import { UNTYPED_VERSIONS } from './untyped/modules.ts'
import { untypedRuntime } from './untyped/untyped-runtime.ts'

/** `meta`. */
const MAGIC = 0x6174656d

/** `bytes` begin with `meta`; `chain` is the name of the runtime's specification. Throws an ExplorerError. */
export function readMetadata(bytes: Uint8Array, chain: string): RuntimeTypes {
  const head = new ScaleReader(bytes)
  if (head.u32() !== MAGIC) throw new ExplorerError('EXPLORER_UNDECODABLE', 'The runtime did not return metadata.')
  const version = head.u8()
  if (version < UNTYPED_VERSIONS.first) {
    throw new ExplorerError('EXPLORER_OLD_METADATA', `The runtime's metadata has version ${version}, which is too old to be decoded.`, { data: { version } })
  }
  try {
    return version <= UNTYPED_VERSIONS.last ? untypedRuntime(bytes, chain) : index(unifyMetadata(decAnyMetadata(bytes)))
  } catch (error) {
    throw new ExplorerError('EXPLORER_UNDECODABLE', `The runtime's metadata (version ${version}) cannot be decoded.`, { cause: error })
  }
}

function index(metadata: UnifiedMetadata): RuntimeTypes {
  const { extrinsic, lookup } = metadata
  const parts = 'type' in extrinsic ? partsOf(lookup[extrinsic.type]) : extrinsic
  return {
    types: lookup,
    pallets: new Map(metadata.pallets.map((pallet) => [pallet.index, pallet])),
    address: parts.address,
    signature: parts.signature,
    call: parts.call,
    extensions: new Map(Object.entries(extrinsic.signedExtensions).map(([set, extensions]) => [Number(set), extensions])),
    ...storageOf(metadata),
  }
}

/** Version 14 tells them as parameters of the extrinsic's type. */
function partsOf(entry: TypeEntry | undefined): { readonly address: number; readonly call: number; readonly signature: number } {
  const find = (name: string): number => entry?.params.find((parameter) => parameter.name === name)?.type ?? -1
  return { address: find('Address'), call: find('Call'), signature: find('Signature') }
}

/** Both are found by the types of their values: how a runtime calls the pallet is its own affair. */
function storageOf(metadata: UnifiedMetadata): Pick<RuntimeTypes, 'events' | 'accounts'> {
  const builder = getDynamicBuilder(getLookupFn(metadata))
  let events: RuntimeTypes['events']
  let accounts: RuntimeTypes['accounts']
  for (const { name, storage } of metadata.pallets) {
    for (const item of storage?.items ?? []) {
      if (item.type.tag === 'plain' && isEventList(metadata.lookup, item.type.value)) {
        events = { key: fromHex(builder.buildStorage(name, item.name).keys.enc()), type: item.type.value }
      } else if (item.type.tag === 'map' && endsIn(metadata.lookup[item.type.value.value], 'AccountInfo')) {
        const { keys } = builder.buildStorage(name, item.name)
        accounts ??= { type: item.type.value.value, keyOf: (address) => fromHex(keys.enc(address)) }
      }
    }
  }
  return { events, accounts }
}

function isEventList(types: readonly TypeEntry[], type: number): boolean {
  const def = types[type]?.def
  if (def?.tag === 'sequence') return endsIn(types[def.value], 'EventRecord')
  // Events may be boxed: a structure around the list.
  return def?.tag === 'composite' && def.value.length === 1 && isEventList(types, def.value[0]?.type ?? -1)
}

export function endsIn(entry: TypeEntry | undefined, name: string): boolean {
  return entry?.path.at(-1) === name
}

/** The first paragraph, as one line. */
export function firstWords(docs: readonly string[]): string {
  const lines = docs.map((line) => line.trim())
  const start = lines.findIndex((line) => line !== '')
  if (start < 0) return ''
  const end = lines.indexOf('', start)
  return lines.slice(start, end < 0 ? undefined : end).join(' ')
}
