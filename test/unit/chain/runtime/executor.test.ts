/** The executor with real threads on a real database, and runtimes that misbehave. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { concatBytes, fromHex, toHex, utf8, type Hash } from '../../../../node-core/base/bytes.ts'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { silentLogger } from '../../../../node-core/base/logger.ts'
import { blake2b256 } from '../../../../node-core/crypto/hashes/hashing.ts'
import { RuntimeWorkers, type RuntimeWorkersOptions } from '../../../../node-core/chain/runtime/threads/executor.ts'
import type { CallOptions } from '../../../../node-core/chain/runtime/types.ts'
import type { Header } from '../../../../node-core/chain/scale/header.ts'
import { createLevel, type Level } from '../../../../node-core/chain/state/trie-source.ts'
import { buildTrie } from '../../../../node-core/chain/trie/build.ts'
import { unpackIds } from '../../../../node-core/chain/trie/nodes/id-list.ts'
import { forEachPackedRecord } from '../../../../node-core/chain/trie/nodes/packed-records.ts'
import { encodingOf } from '../../../../node-core/chain/trie/nodes/record.ts'
import { verifyChildProof, verifyProof } from '../../../../node-core/chain/trie/proofs/proof.ts'
import { storeState } from '../../../helpers/stored-states.ts'
import { op, spanOf, wasmModule, type WasmImport } from '../../../helpers/wasm-module.ts'

const SET: WasmImport = { name: 'ext_storage_set_version_1', params: ['i64', 'i64'], results: [] }
const ROOT_V2: WasmImport = { name: 'ext_storage_root_version_2', params: ['i32'], results: ['i64'] }
const ZERO: Hash = `0x${'00'.repeat(32)}`
const NOTHING = new Uint8Array(0)

/** The runtime takes every extrinsic. */
const EXTRINSIC = Uint8Array.of(4, 0)
/** What every extrinsic and every block does: set `k` to `value`. */
const value = utf8('value')
const data = concatBytes(utf8('k'), value, Uint8Array.of(0, 0, 0))
const SET_K = [...spanOf(1024, 1), ...spanOf(1025, value.length), ...op.call(0)]
const EMPTY_LIST = spanOf(1030, 1)
const OK = spanOf(1030, 2)

let folder: string
let level: Level
let executor: RuntimeWorkers | undefined
let root: Hash
let finalRoot: Hash

/** The header of a block on top of `root`. */
let finished: Header

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-executor-'))
  level = createLevel(folder)
  await level.open()
  const code = wasmModule({
    imports: [SET, ROOT_V2],
    data: { offset: 1024, bytes: data },
    entries: {
      echo: { body: [...op.localGet(0), ...op.i64ExtendI32U, ...op.i64(3n << 32n), ...op.i64Or] },
      forever: { body: [...op.loop, ...op.br(0), ...op.end, ...op.unreachable] },
      trap: { body: [...op.unreachable] },
      Core_execute_block: { body: [...SET_K, ...op.i32(0), ...op.call(1), ...op.drop, ...spanOf(0, 0)] },
      Core_initialize_block: { body: spanOf(0, 0) },
      BlockBuilder_inherent_extrinsics: { body: [...SET_K, ...EMPTY_LIST] },
      BlockBuilder_apply_extrinsic: { body: [...SET_K, ...OK] },
      BlockBuilder_finalize_block: { body: [...op.i32(0), ...op.call(1), ...op.drop, ...spanOf(2048, 110)] },
    },
  })
  root = await store({ ':code': code })
  finalRoot = stateRoot({ ':code': code, k: value }).root
  finished = { parentHash: ZERO, number: 1, stateRoot: finalRoot, extrinsicsRoot: ZERO, digest: [] }
})

afterEach(async () => {
  await executor?.stop()
  executor = undefined
  await level.close()
  await rm(folder, { recursive: true })
})

function stateRoot(state: Readonly<Record<string, Uint8Array>>): { root: Hash; nodes: Uint8Array } {
  const { root: hash, nodes } = buildTrie(Object.entries(state).map(([key, bytes]) => [utf8(key), bytes]), 0)
  return { root: toHex(hash), nodes }
}

async function store(state: Readonly<Record<string, Uint8Array>>): Promise<Hash> {
  const { root: hash, nodes } = stateRoot(state)
  await storeState(level, hash, nodes)
  return hash
}

async function start(options: Partial<RuntimeWorkersOptions> = {}): Promise<RuntimeWorkers> {
  executor = new RuntimeWorkers({ logger: silentLogger }, { dataPath: folder, ...options })
  await executor.start()
  return executor
}

const code = (expected: string) => expect.objectContaining({ code: expected }) as Error

test('calls, and leaves the caller his bytes', async () => {
  const running = await start()
  const args = Uint8Array.of(1, 2, 3)
  expect(await running.call(root, 'echo', args)).toEqual(args)
  expect(await running.call(root, 'echo', args, { lane: 'import' })).toEqual(args)
  expect(args).toHaveLength(3)
})

test('keeps answers for those who say that they ask again, until it is stopped', async () => {
  const running = await start()
  const ask = (options: CallOptions): Promise<Uint8Array> => running.call(root, 'echo', Uint8Array.of(1, 2, 3), options)
  const first = await ask({ remembered: true })
  expect(first).toEqual(Uint8Array.of(1, 2, 3))
  expect(await ask({ remembered: true })).toBe(first)
  expect(await ask({})).not.toBe(first)
  expect(await ask({ remembered: true, offchain: true })).not.toBe(first)
  await running.stop()
  await expect(ask({ remembered: true })).rejects.toThrow(code('RUNTIME_STOPPED'))
})

test('proves a call: what it read, and the root', async () => {
  const running = await start()
  const args = Uint8Array.of(1, 2, 3)
  const { result, proof } = await running.prove(root, 'echo', args)
  expect(result).toEqual(args)
  expect(proof.map((node) => toHex(blake2b256(node)))).toEqual([root])
  expect(await running.prove(root, 'no_such_function', args)).toEqual({ result: undefined, proof })
  expect(await running.prove(root, 'trap', args)).toEqual({ result: undefined, proof })
  await expect(running.prove(ZERO, 'echo', args)).rejects.toThrow(code('RUNTIME_UNKNOWN_STATE'))
  await expect(running.prove(root, 'forever', args, { timeoutMs: 50 })).rejects.toThrow(code('RUNTIME_TIMEOUT'))
})

test('loads host functions that are hardly ever used when a runtime calls one, and makes the call again', async () => {
  const name = 'ext_host_calls_pallas_mul_version_1'
  const mul: WasmImport = { name, params: ['i64', 'i64', 'i64'], results: ['i32'] }
  const unknown: WasmImport = { name: 'ext_host_calls_no_such_curve_version_1', params: [], results: [] }
  const NOWHERE = spanOf(0, 0)
  const curves = await store({
    ':code': wasmModule({
      imports: [mul, unknown],
      entries: { known: { body: [...NOWHERE, ...NOWHERE, ...NOWHERE, ...op.call(0), ...op.drop, ...NOWHERE] }, unknown: { body: [...op.call(1), ...NOWHERE] } },
    }),
  })
  const running = await start()
  expect(await running.call(curves, 'known', NOTHING)).toEqual(NOTHING)
  await expect(running.call(curves, 'unknown', NOTHING)).rejects.toThrow(code('RUNTIME_MISSING_HOST_FUNCTION'))
})

test('proves keys: the nodes on the way, of the main trie and of a child', async () => {
  const running = await start()
  const [missing, found] = [utf8('missing'), utf8(':code')]
  const proof = await running.readProof(root, [found, missing])
  const [code_, none] = verifyProof(proof, fromHex(root), [found, missing])
  expect([code_?.subarray(0, 4), none]).toEqual([utf8('\0asm'), undefined])
  expect(verifyChildProof(await running.readProof(root, [found], { childKey: utf8('kid') }), fromHex(root), utf8('kid'), [found])).toEqual([undefined])
  await expect(running.readProof(ZERO, [found])).rejects.toThrow(code('RUNTIME_UNKNOWN_STATE'))
  await expect(running.readProof(root, [found], { maxBytes: 100 })).rejects.toThrow(code('RUNTIME_PROOF_TOO_LARGE'))
  await expect(running.prove(root, 'echo', Uint8Array.of(1, 2, 3), { maxBytes: 100 })).rejects.toThrow(code('RUNTIME_PROOF_TOO_LARGE'))
})

test('a proof that takes for ever holds up nobody: calls and blocks go on beside it', async () => {
  const running = await start()
  const endless = expect(running.prove(root, 'forever', NOTHING, { timeoutMs: 1000 })).rejects.toThrow(code('RUNTIME_TIMEOUT'))
  const proofs = [running.readProof(root, [utf8(':code')]).then(() => 'proof'), endless.then(() => 'endless')]
  const calls = await Promise.race([Promise.all([running.call(root, 'echo', Uint8Array.of(1, 2, 3)), running.executeBlock(root, finished, [])]), ...proofs])
  expect(calls).toMatchObject([Uint8Array.of(1, 2, 3), { stateRoot: finalRoot }])
  await Promise.all(proofs)
})

test('an endless loop ends with its time, while the other lane goes on and its own comes back', async () => {
  const running = await start({ importTimeoutMs: 300 })
  const endless = expect(running.call(root, 'forever', NOTHING, { lane: 'import' })).rejects.toThrow(code('RUNTIME_TIMEOUT'))
  const waiting = running.call(root, 'echo', Uint8Array.of(1, 2, 3), { lane: 'import' })
  expect(await running.call(root, 'echo', Uint8Array.of(4, 5, 6))).toEqual(Uint8Array.of(4, 5, 6))
  await endless
  expect(await waiting).toEqual(Uint8Array.of(1, 2, 3))
})

test('a time limit of one call overrides the lane', async () => {
  const running = await start()
  await expect(running.call(root, 'forever', NOTHING, { timeoutMs: 50 })).rejects.toThrow(code('RUNTIME_TIMEOUT'))
})

test('executes a block to its changes', async () => {
  const running = await start()
  const changes = await running.executeBlock(root, finished, [EXTRINSIC])
  expect(changes.stateRoot).toBe(finalRoot)
  expect(changes.changedKeys).toEqual([utf8('k')])
  expect(changes.codeChanged).toBe(false)
  const { records, first, next, root: rootId, ended } = changes.nodes
  const hashes = new Map<number, Hash>()
  forEachPackedRecord(records, first, (id, record) => hashes.set(id, toHex(blake2b256(encodingOf(record)))))
  expect(hashes.get(rootId)).toBe(finalRoot)
  expect(next - first).toBe(hashes.size)
  // The root before had a record of its own.
  expect(unpackIds(ended)).toHaveLength(1)
})

test('executes blocks ahead of their parents being stored, on records of their own', async () => {
  const running = await start()
  const block = (number: number, parentHash: Hash): Header => ({ parentHash, number, stateRoot: finalRoot, extrinsicsRoot: ZERO, digest: [] })
  const [one, two, three] = [1, 2, 3].map((byte): Hash => `0x${String(byte).repeat(64)}`) as [Hash, Hash, Hash]
  const [first, second, third] = await Promise.all([
    running.executeBlock(root, block(1, ZERO), [], { hash: one, parentStored: true }),
    running.executeBlock(finalRoot, block(2, one), [], { hash: two, parentStored: false }),
    running.executeBlock(finalRoot, block(3, two), [], { hash: three, parentStored: false }),
  ])
  // Nothing changes any more: all stand on the record that the first one wrote.
  expect([second.nodes.root, third.nodes.root]).toEqual([first.nodes.root, first.nodes.root])
  expect(second.nodes.next - second.nodes.first).toBe(0)
})

test('knows no state of a parent that is not stored and failed, or was never executed', async () => {
  const running = await start()
  const [one, two]: Hash[] = [`0x${'1'.repeat(64)}`, `0x${'2'.repeat(64)}`]
  const results = await Promise.allSettled([
    running.executeBlock(root, { ...finished, stateRoot: root }, [], { hash: one as Hash, parentStored: true }),
    running.executeBlock(root, { ...finished, parentHash: one as Hash, number: 2 }, [], { hash: two as Hash, parentStored: false }),
    // Not even where some other block has the same state.
    running.executeBlock(root, { ...finished, parentHash: two as Hash }, [], { hash: ZERO, parentStored: false }),
  ])
  const codes = ['RUNTIME_BAD_RESULT', 'RUNTIME_UNKNOWN_STATE', 'RUNTIME_UNKNOWN_STATE']
  expect(results).toMatchObject(codes.map((each) => ({ status: 'rejected', reason: { code: each } })))
})

test('a block whose state root is another one is refused', async () => {
  const running = await start()
  await expect(running.executeBlock(root, { ...finished, stateRoot: root }, [])).rejects.toThrow(code('RUNTIME_BAD_RESULT'))
})

test('what a worker held is lost with it, and says so', async () => {
  const running = await start()
  const { builder, inherents } = await running.buildBlock({ parentStateRoot: root, parentHash: ZERO, number: 1, digest: [], inherents: [] })
  expect(inherents).toEqual([])
  expect(await builder.apply(EXTRINSIC)).toEqual({ kind: 'included' })
  await expect(running.call(root, 'forever', NOTHING, { lane: 'import', timeoutMs: 50 })).rejects.toThrow(code('RUNTIME_TIMEOUT'))
  await expect(builder.apply(EXTRINSIC)).rejects.toThrow(code('RUNTIME_STOPPED'))
  builder.drop()
})

test('a block that is finished or dropped takes nothing more', async () => {
  const running = await start()
  const request = { parentStateRoot: root, parentHash: ZERO, number: 1, digest: [], inherents: [] }
  const { builder } = await running.buildBlock(request)
  builder.drop()
  await expect(builder.apply(EXTRINSIC)).rejects.toThrow(code('RUNTIME_STOPPED'))
  const second = await running.buildBlock(request)
  // What it returns as a header is none.
  await expect(second.builder.finish()).rejects.toThrow(code('RUNTIME_BAD_RESULT'))
  await expect(second.builder.apply(EXTRINSIC)).rejects.toThrow(code('RUNTIME_STOPPED'))
})

test('many blocks under construction are refused, and dropping one makes room', async () => {
  const running = await start()
  const build = () => running.buildBlock({ parentStateRoot: root, parentHash: ZERO, number: 1, digest: [], inherents: [] })
  const open = await Promise.all(Array.from({ length: 8 }, build))
  await expect(build()).rejects.toThrow(code('RUNTIME_OUT_OF_MEMORY'))
  open[0]!.builder.drop()
  await build()
})

test('stopping ends an endless loop, too', async () => {
  const running = await start({ stopTimeoutMs: 100 })
  const endless = expect(running.call(root, 'forever', NOTHING)).rejects.toThrow(code('RUNTIME_STOPPED'))
  const waiting = expect(running.call(root, 'echo', NOTHING)).rejects.toThrow(code('RUNTIME_STOPPED'))
  await running.stop()
  await endless
  await waiting
  await expect(running.call(root, 'echo', NOTHING)).rejects.toThrow(code('RUNTIME_STOPPED'))
})

test('a database that is not there fails the start', async () => {
  const lost = new RuntimeWorkers({ logger: silentLogger }, { dataPath: join(folder, 'elsewhere') })
  await expect(lost.start()).rejects.toThrow(code('RUNTIME_STOPPED'))
  await lost.stop()
})

test('the thread that answers questions is there when one is asked, and goes when none was for a while', async () => {
  const clock = new FakeClock()
  const threads = new Set<Worker>()
  const onThread = (thread: Worker): void => {
    threads.add(thread)
    thread.once('exit', () => threads.delete(thread))
  }
  process.on('worker', onThread)
  try {
    executor = new RuntimeWorkers({ logger: silentLogger, clock }, { dataPath: folder, idleMs: 60_000 })
    await executor.start()
    await executor.call(root, 'echo', data, { lane: 'import' })
    expect(threads.size).toBe(1)

    expect(await executor.call(root, 'echo', data)).toHaveLength(3)
    clock.advance(59_999)
    expect(await executor.call(root, 'echo', data)).toHaveLength(3)
    expect(threads.size).toBe(2)

    clock.advance(60_000)
    await vi.waitUntil(() => threads.size === 1)
    expect(await executor.call(root, 'echo', data)).toHaveLength(3)
    expect(threads.size).toBe(2)
  } finally {
    process.off('worker', onThread)
  }
})
