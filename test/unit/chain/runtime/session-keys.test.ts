/** Session keys of version 2: the runtime makes a key, and signs with it that it is its owner's. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { concatBytes, toHex, utf8, type Hash } from '../../../../node-core/base/bytes.ts'
import { silentLogger } from '../../../../node-core/base/logger.ts'
import { sr25519Verify } from '../../../../node-core/crypto/sr25519/sr25519.ts'
import { apiId } from '../../../../node-core/chain/runtime/api/by-version.ts'
import { encodeVersion } from '../../../../node-core/chain/runtime/api/version.ts'
import { RuntimeWorkers } from '../../../../node-core/chain/runtime/threads/executor.ts'
import { createLevel, type Level } from '../../../../node-core/chain/state/trie-source.ts'
import { buildTrie } from '../../../../node-core/chain/trie/build.ts'
import { storeState } from '../../../helpers/stored-states.ts'
import { op, spanOf, wasmModule, type WasmImport } from '../../../helpers/wasm-module.ts'

const IMPORTS: WasmImport[] = [
  { name: 'ext_crypto_sr25519_generate_version_1', params: ['i32', 'i64'], results: ['i32'] },
  { name: 'ext_crypto_sr25519_sign_version_1', params: ['i32', 'i32', 'i64'], results: ['i64'] },
]
const [GENERATE, SIGN] = [0, 1]
const [KEY_TYPE, NO_SEED, VERSION, OUT] = [1024, 1028, 1100, 4096]
/** Local variables behind the two parameters. */
const [KEY, SIGNATURE] = [2, 3]
const OWNER = utf8('Alice, 32 bytes of an account id')

/** Copies eight bytes at a time from the address in a local variable. */
function copy(to: number, from: number, offset: number, size: number): number[] {
  return Array.from({ length: size / 8 }, (_, i) => [...op.i32(to), ...op.localGet(from), ...op.i64Load(offset + i * 8), ...op.i64Store(i * 8)]).flat()
}

/** Makes one `babe` key and signs the owner, which stands behind its length of one byte. The answer's two lengths lie there already. */
function sessionRuntime(version: number, traps = false): Uint8Array {
  const encoded = encodeVersion({
    specName: 'hand', implName: 'made', authoringVersion: 1, specVersion: 1, implVersion: 1, transactionVersion: 1, stateVersion: 0, systemVersion: 0,
    apis: [[apiId('Core'), 4], [apiId('SessionKeys'), version]],
  })
  const data = new Uint8Array(OUT + 200 - KEY_TYPE)
  data.set(concatBytes(utf8('babe'), Uint8Array.of(0)))
  data.set(encoded, VERSION - KEY_TYPE)
  data.set([32 << 2], OUT - KEY_TYPE)
  data.set([(64 << 2) | 1, 1], OUT + 33 - KEY_TYPE)
  const owner = [...op.localGet(0), ...op.i32(1), ...op.i32Add, ...op.i64ExtendI32U, ...op.i64(BigInt(OWNER.length) << 32n), ...op.i64Or]
  return wasmModule({
    imports: IMPORTS,
    data: { offset: KEY_TYPE, bytes: data },
    entries: {
      Core_version: { body: spanOf(VERSION, encoded.length) },
      SessionKeys_generate_session_keys: {
        locals: 2,
        body: traps ? [...op.unreachable] : [
          ...op.i32(KEY_TYPE), ...spanOf(NO_SEED, 1), ...op.call(GENERATE), ...op.localSet(KEY),
          ...op.i32(KEY_TYPE), ...op.localGet(KEY), ...owner, ...op.call(SIGN), ...op.i32WrapI64, ...op.localSet(SIGNATURE),
          ...copy(OUT + 1, KEY, 0, 32),
          // Behind the byte that says that there is one.
          ...copy(OUT + 35, SIGNATURE, 1, 64),
          ...spanOf(OUT, 99),
        ],
      },
    },
  })
}

let folder: string
let level: Level
let executor: RuntimeWorkers

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-session-keys-'))
  level = createLevel(folder)
  await level.open()
  executor = new RuntimeWorkers({ logger: silentLogger }, { dataPath: folder })
})

afterEach(async () => {
  await executor.stop()
  await level.close()
  await rm(folder, { recursive: true })
})

async function stateWith(code: Uint8Array): Promise<Hash> {
  const { root, nodes } = buildTrie([[utf8(':code'), code]], 0)
  await storeState(level, toHex(root), nodes)
  return toHex(root)
}

test('keys come with a proof that each of them is their owner\'s', async () => {
  const root = await stateWith(sessionRuntime(2))
  await executor.start()
  const { encoded, proof, made } = await executor.makeSessionKeys(root, OWNER)
  expect(made).toMatchObject([{ keyType: 'babe', scheme: 'sr25519' }])
  expect(encoded).toHaveLength(32)
  expect(sr25519Verify(proof as Uint8Array, OWNER, encoded)).toBe(true)
  expect(sr25519Verify(proof as Uint8Array, utf8('somebody else'), encoded)).toBe(false)
})

test('a version that is newer is taken for the newest known, and named where it fails', async () => {
  const root = await stateWith(sessionRuntime(3))
  await executor.start()
  expect((await executor.makeSessionKeys(root, OWNER)).proof).toHaveLength(64)
  await expect(executor.makeSessionKeys(await stateWith(sessionRuntime(3, true)), OWNER)).rejects.toThrow(/version 3 of SessionKeys, this node knows versions up to 2/)
})

test('a runtime without session keys says so', async () => {
  const version = encodeVersion({
    specName: 'bare', implName: 'made', authoringVersion: 1, specVersion: 5, implVersion: 1, transactionVersion: 1, stateVersion: 0, systemVersion: 0, apis: [[apiId('Core'), 4]],
  })
  const root = await stateWith(wasmModule({ data: { offset: VERSION, bytes: version }, entries: { Core_version: { body: spanOf(VERSION, version.length) } } }))
  await executor.start()
  await expect(executor.makeSessionKeys(root)).rejects.toMatchObject({ code: 'RUNTIME_NO_SUCH_API', message: 'the runtime bare 5 does not have the API SessionKeys' })
})
