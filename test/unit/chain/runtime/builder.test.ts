/** Blocks under construction with a runtime that writes before it refuses, or traps. */
import { describe, expect, test } from 'vitest'
import { EMPTY, concatBytes, utf8 } from '../../../../node-core/base/bytes.ts'
import { BlockConstruction } from '../../../../node-core/chain/runtime/builder.ts'
import type { BlockStorage } from '../../../../node-core/chain/runtime/storage/block-storage.ts'
import type { ApplyOutcome } from '../../../../node-core/chain/runtime/types.ts'
import { testRunner } from '../../../helpers/runtime-state.ts'
import { op, spanOf, wasmModule, type WasmImport } from '../../../helpers/wasm-module.ts'

const IMPORTS: WasmImport[] = [
  { name: 'ext_storage_set_version_1', params: ['i64', 'i64'], results: [] },
  { name: 'ext_storage_start_transaction_version_1', params: [], results: [] },
]
const SET = [...spanOf(1024, 1), ...spanOf(1024, 1), ...op.call(0)]
const EMPTY_LIST = Uint8Array.of(0)

/** Writes the key `k`, then does as `body` says; `answer` lies at 1025. */
function setUp(
  entry: 'BlockBuilder_apply_extrinsic' | 'BlockBuilder_inherent_extrinsics', body: readonly number[], answer: Uint8Array,
): { construction: BlockConstruction; storage: BlockStorage } {
  const fine = { body: spanOf(1200, 1) }
  const code = wasmModule({
    imports: IMPORTS,
    data: { offset: 1024, bytes: concatBytes(utf8('k'), answer) },
    entries: {
      Core_initialize_block: fine,
      BlockBuilder_inherent_extrinsics: fine,
      BlockBuilder_apply_extrinsic: fine,
      [entry]: { body: [...SET, ...body] },
    },
  })
  const { runner, root } = testRunner(code)
  const execution = runner.execution(root, undefined)
  return { construction: new BlockConstruction(runner, execution), storage: execution.storage }
}

describe('an extrinsic', () => {
  const apply = (body: readonly number[], answer: Uint8Array): { outcome: ApplyOutcome; written: boolean; depth: number } => {
    const { construction, storage } = setUp('BlockBuilder_apply_extrinsic', body, answer)
    const outcome = construction.apply(Uint8Array.of(0))
    return { outcome, written: storage.main.has('k'), depth: storage.journal.depth }
  }

  test.each([
    ['applied', [0, 0], { kind: 'included' }, true],
    ['applied, with a failed dispatch,', [0, 1, 3, 4], { kind: 'included' }, true],
    ['stale', [1, 0, 3], { kind: 'invalid', reason: 'Stale', later: false }, false],
    ['of the future', [1, 0, 2], { kind: 'invalid', reason: 'Future', later: true }, false],
    ['too large', [1, 0, 6], { kind: 'exhausted' }, false],
    ['refused for a reason of its own', [1, 0, 7, 9], { kind: 'invalid', reason: 'Custom(9)', later: false }, false],
    ['unknown', [1, 1, 0], { kind: 'invalid', reason: 'CannotLookup', later: false }, false],
  ] as const)('that is %s leaves what it should', (_, answer, outcome, written) => {
    expect(apply(spanOf(1025, answer.length), Uint8Array.from(answer))).toEqual({ outcome, written, depth: 0 })
  })

  test('that traps is refused without a trace, its open transactions included', () => {
    const { outcome, written, depth } = apply([...op.call(1), ...SET, ...op.unreachable], EMPTY)
    expect(outcome).toMatchObject({ kind: 'invalid', later: false })
    expect({ written, depth }).toEqual({ written: false, depth: 0 })
  })

  test('with an answer that is none ends the block', () => {
    expect(() => apply(spanOf(1025, 1), Uint8Array.of(2))).toThrow(expect.objectContaining({ code: 'RUNTIME_BAD_RESULT' }))
  })
})

test('writing inherents leaves no trace in the state', () => {
  const { construction, storage } = setUp('BlockBuilder_inherent_extrinsics', spanOf(1025, 1), EMPTY_LIST)
  expect(construction.begin(EMPTY, EMPTY)).toEqual([])
  expect(storage.main.has('k')).toBe(false)
  expect(storage.journal.depth).toBe(0)
})

test('a runtime that refuses its own inherents gets no block', () => {
  const inherents = Uint8Array.of(4, 4, 7)
  const code = wasmModule({
    data: { offset: 1024, bytes: concatBytes(inherents, Uint8Array.of(1, 0, 4)) },
    entries: {
      Core_initialize_block: { body: spanOf(0, 0) },
      BlockBuilder_inherent_extrinsics: { body: spanOf(1024, 3) },
      BlockBuilder_apply_extrinsic: { body: spanOf(1027, 3) },
    },
  })
  const { runner, root } = testRunner(code)
  const construction = new BlockConstruction(runner, runner.execution(root, undefined))
  expect(() => construction.begin(EMPTY, EMPTY)).toThrow(/refused an inherent of its own: BadProof/)
})

describe('which extrinsics a block may have', () => {
  const begin = (mode: readonly number[]): BlockConstruction => {
    const code = wasmModule({
      data: { offset: 1024, bytes: Uint8Array.from([0, ...mode]) },
      entries: { Core_initialize_block: { body: spanOf(1025, mode.length) }, BlockBuilder_inherent_extrinsics: { body: spanOf(1024, 1) } },
    })
    const { runner, root } = testRunner(code)
    const construction = new BlockConstruction(runner, runner.execution(root, undefined))
    construction.begin(EMPTY, EMPTY)
    return construction
  }

  test.each([
    ['nothing, as older runtimes do', [], false], ['all', [0], false], ['inherents alone', [1], true],
  ] as const)('is what the runtime says: %s', (_, mode, onlyInherents) => {
    expect(begin(mode).onlyInherents).toBe(onlyInherents)
  })

  test('must be said in a known way', () => {
    expect(() => begin([2])).toThrow(expect.objectContaining({ code: 'RUNTIME_BAD_RESULT' }))
  })
})
