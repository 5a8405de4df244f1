/**
 * `RuntimeVersion` (Polkadot Host spec, section C.4.1 `Core_version`).
 *
 * The encoding grew at its end with the versions of the Core API: the transaction version came with the third, the state
 * version with the fourth. The list of APIs in its middle says which one it is. A runtime can also carry its version in
 * two sections of the binary: the encoding with an empty list, and the list as plain 12-byte entries.
 */
import { fromHex, fromUtf8, toHex, utf8 } from '../../base/bytes.ts'
import { ScaleError, ScaleReader, decodeAll } from '../../scale/reader.ts'
import { ScaleWriter } from '../../scale/writer.ts'
import type { RuntimeVersion } from '../types.ts'

type Apis = RuntimeVersion['apis']

/** blake2b-64 of `Core`. */
const CORE_API = '0xdf6acb689907609b'
const API_SIZE = 12

/** The version of one API of a runtime; undefined where it does not have it. `id` is `0x` and 16 digits. */
export function apiVersion(apis: Apis, id: string): number | undefined {
  return apis.find(([name]) => name === id)?.[1]
}

/** Throws a ScaleError. */
export function decodeVersion(input: Uint8Array): RuntimeVersion {
  return decodeAll(input, 'the runtime version', (reader) => readVersion(reader))
}

/** The version from the contents of the sections `runtime_version` and `runtime_apis`, encoded as `Core_version` returns it. */
export function joinVersionSections(version: Uint8Array, apis: Uint8Array): Uint8Array {
  const reader = new ScaleReader(apis)
  const list: (readonly [string, number])[] = []
  while (reader.remaining >= API_SIZE) list.push(readApi(reader))
  return encodeVersion(readVersion(new ScaleReader(version), list))
}

export function encodeVersion(version: RuntimeVersion): Uint8Array {
  const core = apiVersion(version.apis, CORE_API) ?? 0
  const writer = new ScaleWriter()
    .bytes(utf8(version.specName))
    .bytes(utf8(version.implName))
    .u32(version.authoringVersion)
    .u32(version.specVersion)
    .u32(version.implVersion)
    .vec(version.apis, (w, [id, number]) => w.raw(fromHex(id)).u32(number))
  if (core >= 3) writer.u32(version.transactionVersion)
  if (core >= 4) writer.u8(version.stateVersion)
  return writer.finish()
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
  const stateVersion = core >= 4 ? reader.u8() : 0
  if (stateVersion !== 0 && stateVersion !== 1) throw new ScaleError('SCALE_INVALID', `unknown state version ${stateVersion}`)
  return { ...head, apis, transactionVersion, stateVersion }
}

function readApi(reader: ScaleReader): readonly [string, number] {
  return [toHex(reader.raw(8)), reader.u32()]
}
