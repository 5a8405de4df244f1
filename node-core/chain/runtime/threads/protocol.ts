/**
 * What the two sides of an executor thread say to each other.
 *
 * Requests are answered in the order in which the main side sends them; log lines of the runtime come in between. Bytes
 * are sent in buffers of their own, which change hands instead of being copied.
 */
import type { Hash } from '../../../base/bytes.ts'
import { ScaleReader } from '../../../scale/reader.ts'
import { ScaleWriter } from '../../../scale/writer.ts'
import type { NodeChanges, StateChanges } from '../../state/types.ts'
import type { CodeSubstitution } from '../code/code-substitutes.ts'
import type { PlainRuntimeError } from '../errors.ts'
import type { ApplyOutcome, ExecutionPlace, MadeKey } from '../types.ts'

/** What a worker is created with. */
export interface ExecutorWorkerData {
  /** The database folder. */
  readonly dataPath: string
  /** Index into RUNTIME_LOG_LEVELS. */
  readonly maxLogLevel: number
  readonly substitution: CodeSubstitution
  /** The numbers of records below this one are given out, whether or not the records are stored by now. */
  readonly nextNode: number
  /** For strangers: it gives way to other threads, and keeps little in memory. */
  readonly inBackground: boolean
}

/** The changes of a block with each list in one piece: SCALE vectors of keys, and of keys with an `Option` of a value. */
export interface PackedChanges {
  readonly stateRoot: Hash
  readonly nodes: NodeChanges
  readonly changedKeys: Uint8Array
  readonly codeChanged: boolean
  readonly offchain: Uint8Array
}

/** Each request with what it takes and what it answers. */
export interface Operations {
  /** `begin` is the header of a block that is begun first, encoded. */
  call: {
    readonly params: {
      readonly stateRoot: Hash
      readonly method: string
      readonly args: Uint8Array
      readonly offchain?: boolean
      readonly begin?: Uint8Array
    }
    readonly result: Uint8Array
  }
  /** `submitted` is a SCALE vector of byte strings. */
  submit: {
    readonly params: { readonly stateRoot: Hash; readonly method: string; readonly args: Uint8Array }
    readonly result: { readonly result: Uint8Array; readonly submitted: Uint8Array }
  }
  /**
   * `proof` is a SCALE vector of byte strings, or null where that is larger than `maxBytes`; `result` is null where the call failed in a way
   * that can be repeated.
   */
  prove: {
    readonly params: { readonly stateRoot: Hash; readonly method: string; readonly args: Uint8Array; readonly maxBytes: number }
    readonly result: { readonly result: Uint8Array | null; readonly proof: Uint8Array | null }
  }
  /** The nodes that prove `keys`, a SCALE vector of byte strings as the result is. */
  readProof: {
    readonly params: { readonly stateRoot: Hash; readonly keys: Uint8Array; readonly childKey: Uint8Array | null; readonly maxBytes: number }
    readonly result: Uint8Array | null
  }
  /** `SessionKeys_generate_session_keys`: what the runtime answered, and the secrets that it made. */
  makeKeys: {
    readonly params: { readonly stateRoot: Hash; readonly args: Uint8Array }
    readonly result: { readonly answer: Uint8Array; readonly made: readonly MadeKey[] }
  }
  /** The encoded `RuntimeVersion`. */
  version: { readonly params: { readonly stateRoot: Hash }; readonly result: Uint8Array }
  /** `block` is header and body, encoded, without the seal. */
  execute: {
    readonly params: { readonly stateRoot: Hash; readonly block: Uint8Array; readonly expectedRoot: Hash; readonly place?: ExecutionPlace | undefined }
    readonly result: PackedChanges
  }
  /** Header and inherent data encoded; answers the number of the builder and the encoded inherents. */
  build: {
    readonly params: { readonly stateRoot: Hash; readonly header: Uint8Array; readonly inherentData: Uint8Array }
    readonly result: { readonly builder: number; readonly inherents: Uint8Array; readonly onlyInherents: boolean }
  }
  apply: { readonly params: { readonly builder: number; readonly extrinsic: Uint8Array }; readonly result: ApplyOutcome }
  finish: {
    readonly params: { readonly builder: number }
    readonly result: { readonly header: Uint8Array; readonly changes: PackedChanges }
  }
  drop: { readonly params: { readonly builder: number }; readonly result: null }
  /** Closes what the worker holds; it ends by itself afterwards. */
  close: { readonly params: Record<string, never>; readonly result: null }
}

export type OperationName = keyof Operations
export type Params<Name extends OperationName> = Operations[Name]['params']
export type Result<Name extends OperationName> = Operations[Name]['result']

export interface Request<Name extends OperationName = OperationName> {
  readonly id: number
  readonly name: Name
  readonly params: Params<Name>
}

export type WorkerMessage =
  | { readonly kind: 'ready' }
  /** `workMs` is the processor time that it took. */
  | { readonly kind: 'result'; readonly id: number; readonly result: Result<OperationName>; readonly workMs: number }
  | { readonly kind: 'error'; readonly id: number; readonly error: PlainRuntimeError }
  /** `level` is an index into RUNTIME_LOG_LEVELS. */
  | { readonly kind: 'log'; readonly level: number; readonly target: string; readonly message: string }

export function packNodes(nodes: readonly Uint8Array[]): Uint8Array {
  return new ScaleWriter(4096).vec(nodes, (writer, node) => writer.bytes(node)).finish()
}

export function unpackNodes(packed: Uint8Array): Uint8Array[] {
  return new ScaleReader(packed).vec((reader) => reader.bytes())
}

export function packChanges(changes: StateChanges): PackedChanges {
  const changedKeys = new ScaleWriter(4096).vec(changes.changedKeys, (writer, key) => writer.bytes(key)).finish()
  const offchain = new ScaleWriter().vec(changes.offchain ?? [], (writer, [key, value]) =>
    writer.bytes(key).option(value, (w, bytes) => w.bytes(bytes)),
  )
  return { ...changes, changedKeys, offchain: offchain.finish() }
}

export function unpackChanges(changes: PackedChanges): StateChanges {
  return {
    ...changes,
    changedKeys: new ScaleReader(changes.changedKeys).vec((reader) => reader.bytes()),
    offchain: new ScaleReader(changes.offchain).vec((reader) => [reader.bytes(), reader.option((r) => r.bytes())] as const, 2),
  }
}

/** The buffers in a message that can change hands: those that hold one byte string and nothing else. */
export function transferables(value: unknown, found: ArrayBuffer[] = []): ArrayBuffer[] {
  if (value instanceof Uint8Array) {
    const { buffer } = value
    if (buffer instanceof ArrayBuffer && value.byteLength === buffer.byteLength && value.byteLength > 0) found.push(buffer)
  } else if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) transferables(part, found)
  }
  return found
}
