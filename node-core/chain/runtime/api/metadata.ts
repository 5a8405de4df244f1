/** `Metadata` (Polkadot Host spec, section C.5): a runtime's description of itself. */
import { EMPTY, type Hash } from '../../../base/bytes.ts'
import { decodeAll } from '../../../scale/reader.ts'
import { ScaleWriter } from '../../../scale/writer.ts'
import type { CallOptions } from '../types.ts'
import { byVersion, type ApiCaller } from './by-version.ts'

/** From this version of the API on a runtime can be asked for one version of its metadata. */
const FIRST_WITH_CHOICE = 2

/** `Metadata_metadata` (C.5.1): the bytes of the metadata, beginning with `meta`. */
export async function metadata(caller: ApiCaller, stateRoot: Hash, options?: CallOptions): Promise<Uint8Array> {
  return decodeAll(await caller.call(stateRoot, 'Metadata_metadata', EMPTY, options), 'the metadata', (reader) => reader.bytes())
}

/**
 * `Metadata_metadata_at_version` (C.5.2), for the first of `wanted` that the runtime has; what it gives without being asked for a
 * version where it has none of them, or cannot be asked.
 */
export function metadataAtVersion(caller: ApiCaller, stateRoot: Hash, wanted: readonly number[], options?: CallOptions): Promise<Uint8Array> {
  return byVersion(caller, stateRoot, 'Metadata', async (version) => {
    for (const choice of version < FIRST_WITH_CHOICE ? [] : wanted) {
      const answer = await caller.call(stateRoot, 'Metadata_metadata_at_version', new ScaleWriter(4).u32(choice).finish(), options)
      const found = decodeAll(answer, 'the metadata', (reader) => reader.option((r) => r.bytes()))
      if (found !== undefined) return found
    }
    return metadata(caller, stateRoot, options)
  })
}
