/** How one runtime differs from another, by the metadata of both: what people and their programs can call. */
import { decAnyMetadata, unifyMetadata, type UnifiedMetadata } from '@polkadot-api/substrate-bindings'
import type { NameChanges, RuntimeChanges } from './types.ts'

/** Both begin with `meta`, in version 14 or later. Throws where one of them does not decode. */
export function runtimeChanges(before: Uint8Array, after: Uint8Array): RuntimeChanges {
  const [old, next] = [before, after].map((bytes) => unifyMetadata(decAnyMetadata(bytes))) as [UnifiedMetadata, UnifiedMetadata]
  const palletsOf = ({ pallets }: UnifiedMetadata): string[] => pallets.map(({ name }) => name)
  const pallets = compare(palletsOf(old), palletsOf(next))
  const isCommon = (name: string): boolean => palletsOf(old).includes(name) && palletsOf(next).includes(name)
  const apis = old.apis.length === 0 || next.apis.length === 0 ? undefined : compare(functionsOf(old), functionsOf(next))
  return { pallets, calls: compare(callsOf(old, isCommon), callsOf(next, isCommon)), apis }
}

function callsOf({ pallets, lookup }: UnifiedMetadata, isMeant: (pallet: string) => boolean): string[] {
  return pallets.flatMap(({ name, calls }) => {
    const def = calls === undefined || !isMeant(name) ? undefined : lookup[calls.type]?.def
    return def?.tag === 'variant' ? def.value.map((call) => `${name}.${call.name}`) : []
  })
}

function functionsOf({ apis }: UnifiedMetadata): string[] {
  return apis.flatMap(({ name, methods }) => methods.map((method) => `${name}.${method.name}`))
}

function compare(before: readonly string[], after: readonly string[]): NameChanges {
  const [old, next] = [new Set(before), new Set(after)]
  return { added: after.filter((name) => !old.has(name)), removed: before.filter((name) => !next.has(name)) }
}
