/**
 * `RuntimeVersion` (Polkadot Host spec, section C.4.1 `Core_version`).
 *
 * The encoding grew at its end with the versions of the Core API: the transaction version came with the third, the system
 * version with the fourth. The list of APIs in its middle says which one it is. A runtime can also carry its version in
 * two sections of the binary: the encoding with an empty list, and the list as plain 12-byte entries.
 *
 * The system version began as the state version. From 1 on the state is kept in version 1; what the later numbers mean
 * besides (2: extrinsics roots of state version 1, 3: new code waits two blocks) the runtime does by itself. A number that
 * is not known yet keeps the newest state version, so that a node older than the runtime can follow.
 */
import { fromHex, fromUtf8, toHex, utf8 } from '../../../base/bytes.ts'
import { ScaleReader } from '../../../scale/reader.ts'
import { ScaleWriter } from '../../../scale/writer.ts'
import type { RuntimeVersion } from '../types.ts'

type Apis = RuntimeVersion['apis']

/** blake2b-64 of `Core`. */
const CORE_API = '0xdf6acb689907609b'
const API_SIZE = 12

/** The version of one API of a runtime; undefined where it does not have it. `id` is `0x` and 16 digits. */
export function apiVersion(apis: Apis, id: string): number | undefined {
  return apis.find(([name]) => name === id)?.[1]
}

/** What an older encoding does not have stands behind the end of it, where a newer host wrote it. Throws a ScaleError. */
export function decodeVersion(input: Uint8Array): RuntimeVersion {
  return readVersion(new ScaleReader(input))
}

/**
 * The version from the contents of the sections `runtime_version` and `runtime_apis`, in the newest encoding. Throws a ScaleError
 * where they do not decode, or the list ends in the middle of an entry.
 */
export function joinVersionSections(version: Uint8Array, apis: Uint8Array | undefined): Uint8Array {
  if (apis === undefined) return encodeVersion(readVersion(new ScaleReader(version)))
  const reader = new ScaleReader(apis)
  const list: (readonly [string, number])[] = []
  while (reader.remaining >= API_SIZE) list.push(readApi(reader))
  reader.end('the list of runtime APIs')
  return encodeVersion(readVersion(new ScaleReader(version), list))
}

/** The newest encoding, whatever the version of the Core API. */
export function encodeVersion(version: RuntimeVersion): Uint8Array {
  return new ScaleWriter()
    .bytes(utf8(version.specName))
    .bytes(utf8(version.implName))
    .u32(version.authoringVersion)
    .u32(version.specVersion)
    .u32(version.implVersion)
    .vec(version.apis, (w, [id, number]) => w.raw(fromHex(id)).u32(number))
    .u32(version.transactionVersion)
    .u8(version.systemVersion)
    .finish()
}

/** `knownApis` take the place of the list in the encoding. */
function readVersion(reader: ScaleReader, knownApis?: Apis): RuntimeVersion {
  const head = {
    specName: fromUtf8(reader.bytes()),
    implName: fromUtf8(reader.bytes()),
    authoringVersion: reader.u32(),
    specVersion: reader.u32(),
    implVersion: reader.u32(),
  }
  const listed = reader.vec(readApi, API_SIZE)
  const apis = knownApis ?? listed
  const core = apiVersion(apis, CORE_API) ?? 0
  const transactionVersion = core >= 3 ? reader.u32() : 1
  const systemVersion = core >= 4 ? reader.u8() : 0
  return { ...head, apis, transactionVersion, systemVersion, stateVersion: systemVersion === 0 ? 0 : 1 }
}

function readApi(reader: ScaleReader): readonly [string, number] {
  return [toHex(reader.raw(8)), reader.u32()]
}
