/** A block that changes `:code`, and the version that code says it has. */
import { describe, expect, test } from 'vitest'
import { EMPTY, fromHex, toHex, utf8 } from '../../../../node-core/base/bytes.ts'
import { decodeVersion, encodeVersion } from '../../../../node-core/chain/runtime/api/version.ts'
import { encodedCodeVersion, readCodeVersion } from '../../../../node-core/chain/runtime/code/code-version.ts'
import type { RuntimeVersion } from '../../../../node-core/chain/runtime/types.ts'
import { NodeStore } from '../../../../node-core/chain/trie/nodes/node-store.ts'
import { Trie } from '../../../../node-core/chain/trie/trie.ts'
import { MemoryNodes, addState, testRunner } from '../../../helpers/runtime-state.ts'
import { op, spanOf, wasmModule, type WasmImport } from '../../../helpers/wasm-module.ts'

const CORE = '0xdf6acb689907609b'
const SET: WasmImport = { name: 'ext_storage_set_version_1', params: ['i64', 'i64'], results: [] }

function version(specVersion: number, core: number, systemVersion: number): RuntimeVersion {
  const apis = [[CORE, core]] as const
  const stateVersion = systemVersion === 0 ? 0 : 1
  return { specName: 'hand', implName: 'made', authoringVersion: 1, specVersion, implVersion: 0, apis, transactionVersion: 7, systemVersion, stateVersion }
}

/** The two sections of a binary: the version with an empty list, and the list. */
function sections(full: RuntimeVersion): Record<string, Uint8Array> {
  const encoded = encodeVersion(full)
  const listAt = 1 + full.specName.length + 1 + full.implName.length + 12
  const list = encoded.subarray(listAt + 1, listAt + 13)
  return { runtime_version: Uint8Array.from([...encoded.subarray(0, listAt), 0, ...encoded.subarray(listAt + 13)]), runtime_apis: list }
}

/** The argument becomes `:code`: a block of this runtime is nothing but new code. */
const setCode = [
  ...spanOf(1024, 5),
  ...op.localGet(0), ...op.i64ExtendI32U, ...op.localGet(1), ...op.i64ExtendI32U, ...op.i64(32n), ...op.i64Shl, ...op.i64Or,
  ...op.call(0), ...spanOf(0, 0),
]

const oldCode = wasmModule({
  imports: [SET],
  data: { offset: 1024, bytes: utf8(':code') },
  entries: { Core_execute_block: { body: setCode }, which: { body: spanOf(1025, 1) } },
  custom: sections(version(1, 4, 1)),
})
const newCode = wasmModule({
  data: { offset: 1024, bytes: utf8('new') },
  entries: { which: { body: spanOf(1024, 3) } },
  custom: sections(version(2, 4, 1)),
})

test('the code that a block brings runs from the next call on, and the old one where it belongs', () => {
  const { runner, nodes, root } = testRunner(oldCode)
  // State version 1, as the runtime says of itself: the code is a value of its own.
  const expected = addState(new MemoryNodes(), { ':code': newCode }, 1)
  const changes = runner.executeBlock(root, newCode, expected)
  expect(changes.codeChanged).toBe(true)
  nodes.add(changes.nodes)
  expect(runner.call(expected, 'which', EMPTY)).toEqual(utf8('new'))
  expect(runner.call(root, 'which', EMPTY)).toEqual(utf8('c'))
  expect([root, expected].map((state) => decodeVersion(runner.version(state)).specVersion)).toEqual([1, 2])
})

test('a version is read from the sections without a call', () => {
  expect(readCodeVersion(newCode)).toEqual(version(2, 4, 1))
})

test('older encodings end earlier', () => {
  expect(decodeVersion(encodeVersion(version(5, 3, 1)))).toEqual(version(5, 3, 0))
  expect(decodeVersion(encodeVersion(version(5, 2, 1)))).toEqual({ ...version(5, 2, 0), transactionVersion: 1 })
  expect(() => decodeVersion(fromHex('0x00'))).toThrow(expect.objectContaining({ code: 'SCALE_TOO_SHORT' }))
})

test.each([[0, 0], [1, 1], [2, 1], [3, 1], [255, 1]])('system version %i keeps the state in version %i', (systemVersion, stateVersion) => {
  expect(decodeVersion(encodeVersion(version(5, 5, systemVersion)))).toMatchObject({ systemVersion, stateVersion })
})

test('code under system version 2 stores what a block writes in state version 1', () => {
  // The block asks for no root, so the host takes the version from the code; the code itself stays where it was.
  const code = wasmModule({
    imports: [SET],
    data: { offset: 1024, bytes: utf8(':long') },
    entries: { Core_execute_block: { body: setCode } },
    custom: sections(version(1, 5, 2)),
  })
  const long = new Uint8Array(100).fill(7)
  const { runner, nodes, root } = testRunner(code)
  const trie = new Trie(new NodeStore(nodes), fromHex(root))
  trie.put(utf8(':long'), long, 1)
  const expected = toHex(trie.root())
  expect(runner.executeBlock(root, long, expected).stateRoot).toBe(expected)
})

describe('the version that a runtime reads out of other code', () => {
  const blob = (custom: Record<string, Uint8Array>): Uint8Array => wasmModule({ entries: {}, custom })
  const full = version(9, 4, 2)

  test('is in the newest encoding where it stands in sections', () => {
    expect(encodedCodeVersion(newCode)).toEqual(encodeVersion(version(2, 4, 1)))
    expect(encodedCodeVersion(blob(sections(full)))).toEqual(encodeVersion(full))
    // Without the list there is no Core API: an old version, of a runtime that has no transaction version.
    const { runtime_version: alone } = sections(full)
    const old = { ...full, apis: [], transactionVersion: 1, systemVersion: 0, stateVersion: 0 as const }
    expect(encodedCodeVersion(blob({ runtime_version: alone! }))).toEqual(encodeVersion(old))
  })

  test('is none where the sections are damaged, or the code is no code', () => {
    const { runtime_version: head, runtime_apis: apis } = sections(full)
    expect(encodedCodeVersion(blob({ runtime_version: head!, runtime_apis: apis!.subarray(1) }))).toBeUndefined()
    expect(encodedCodeVersion(blob({ runtime_version: head!.subarray(0, 9), runtime_apis: apis! }))).toBeUndefined()
    expect(encodedCodeVersion(utf8('no code'))).toBeUndefined()
    expect(encodedCodeVersion(EMPTY)).toBeUndefined()
    expect(encodedCodeVersion(wasmModule({ entries: {} }))).toBeUndefined()
  })

  test('is what its Core_version returns where it has no sections', () => {
    const code = wasmModule({ entries: { Core_version: { body: spanOf(1024, 3) } }, data: { offset: 1024, bytes: utf8('abc') } })
    expect(encodedCodeVersion(code)).toEqual(utf8('abc'))
  })
})
