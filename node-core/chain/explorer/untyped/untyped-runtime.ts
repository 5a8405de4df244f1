/**
 * Runtimes of before October 2021 name their types and do not describe them. Here such metadata becomes what newer metadata is read into,
 * by the book of types (book.ts), so that their blocks are told like all others.
 */
import { concatBytes, utf8 } from '../../../base/bytes.ts'
import { blake2b128, twox64, twox128 } from '../../../crypto/hashes/hashing.ts'
import { decodeSs58 } from '../../../crypto/keys/ss58.ts'
import type { Extension, RuntimeTypes, TypeVariant } from '../runtime-types.ts'
import type { RuntimeTraits } from './book.ts'
import { readUntyped, type UntypedItem, type UntypedMetadata, type UntypedModule } from './modules.ts'
import { UntypedRegistry } from './registry.ts'

/** What a transaction carried before the metadata said so. */
const USUAL_EXTENSIONS = ['CheckEra', 'CheckNonce', 'ChargeTransactionPayment']
/** Of what the runtime keeps of an account, apart from the count of references. */
const ACCOUNT_SIZE = 4 + 64
const REFERENCES: Readonly<Record<number, string>> = { 1: 'u8', 4: 'u32', 8: '(u32, u32)', 12: '(u32, u32, u32)' }

/** `chain` is the name of the runtime's specification. Throws an ExplorerError or a ScaleError. */
export function untypedRuntime(bytes: Uint8Array, chain: string): RuntimeTypes {
  const metadata = readUntyped(bytes)
  const { modules } = metadata
  const registry = new UntypedRegistry(traitsOf(metadata, chain))
  registry.define(registry.call, ['Call'], outer(registry, modules, ({ calls }) => calls))
  registry.define(registry.event, ['Event'], outer(registry, modules, ({ events }) => events))
  const errors = modules.map(({ name, errors: items, index }, position) => {
    const type = items.length === 0 ? undefined : registry.variants([name, 'Error'], inner(registry, items))
    return [index ?? position, { name, errors: type === undefined ? undefined : { type } }] as const
  })
  const extensions = (metadata.extensions ?? USUAL_EXTENSIONS).map((identifier): Extension => ({ identifier, type: extensionType(registry, identifier) }))
  const system = modules.find(({ name }) => name === 'System')
  const keyOf = (item: string): Uint8Array => concatBytes(twox128(utf8(system?.storage?.prefix ?? 'System')), twox128(utf8(item)))
  return {
    pallets: new Map(errors),
    address: registry.id('Address'),
    signature: registry.id('MultiSignature'),
    call: registry.call,
    extensions: new Map([[0, extensions]]),
    events: { key: keyOf('Events'), type: registry.id('Vec<EventRecord>') },
    accounts: accountsOf(registry, system, keyOf('Account')),
    types: registry.types,
  }
}

/** What else the metadata shows of the time that the runtime is from. */
function traitsOf({ version, modules, extensions }: UntypedMetadata, chain: string): RuntimeTraits {
  const find = (name: string): UntypedModule | undefined => modules.find((module) => module.name === name)
  const system = find('System')
  const account = system?.storage?.items.find(({ name }) => name === 'Account')
  const references = (account?.fallback.length ?? 0) - ACCOUNT_SIZE
  const constant = (wanted: string): Uint8Array | undefined => system?.constants.find(({ name }) => name === wanted)?.value
  const isByIndex = find('Indices')?.events?.some(({ name }) => name === 'NewAccountIndex') === true
  return {
    chain,
    address: isByIndex ? 'index' : references >= 8 ? 'multi' : 'id',
    // Those that say how much a block may weigh weigh it in 64 bits, all but the first of them.
    weight: (constant('MaximumBlockWeight') ?? constant('BlockWeights') ?? new Uint8Array(4)).length > 4 ? 'u64' : 'u32',
    namedErrors: system?.errors.some(({ name }) => name === 'RequireSignedOrigin') !== true,
    signsVersion: extensions?.includes('CheckTxVersion') === true,
    references: REFERENCES[references] ?? 'u32',
    shortVotes: version >= 12,
  }
}

/** Modules that have some, by their number, or counted. */
function outer(registry: UntypedRegistry, modules: readonly UntypedModule[], itemsOf: (module: UntypedModule) => readonly UntypedItem[] | undefined): TypeVariant[] {
  return modules
    .flatMap((module) => {
      const items = itemsOf(module)
      return items === undefined ? [] : [{ module, items }]
    })
    .map(({ module: { name, index }, items }, position) => ({
      name,
      index: index ?? position,
      fields: [{ name: undefined, type: registry.variants([name], inner(registry, items)), typeName: undefined, docs: [] }],
      docs: [],
    }))
}

function inner(registry: UntypedRegistry, items: readonly UntypedItem[]): TypeVariant[] {
  return items.map(({ name, fields, docs }, index) => ({ name, index, fields: fields.map((field) => registry.field(field.type, field.name)), docs: [...docs] }))
}

/** All others carry nothing. */
function extensionType(registry: UntypedRegistry, identifier: string): number {
  switch (identifier) {
    case 'CheckEra':
    case 'CheckMortality':
      return registry.mark('Era')
    case 'CheckNonce':
      return registry.id('Compact<Index>')
    case 'ChargeTransactionPayment':
      return registry.id('Compact<Balance>')
    default:
      return registry.id('()')
  }
}

/** From 2020 on; before, balances and nonces lay apart. */
function accountsOf(registry: UntypedRegistry, system: UntypedModule | undefined, prefix: Uint8Array): RuntimeTypes['accounts'] {
  const hasher = system?.storage?.items.find(({ name }) => name === 'Account')?.hasher
  if (hasher !== 'blake2_128Concat' && hasher !== 'twox64Concat') return undefined
  const hash = hasher === 'blake2_128Concat' ? blake2b128 : twox64
  return {
    type: registry.id('AccountInfo'),
    keyOf(address) {
      const { publicKey } = decodeSs58(address)
      return concatBytes(prefix, hash(publicKey), publicKey)
    },
  }
}
