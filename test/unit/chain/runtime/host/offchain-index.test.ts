/** What a block leaves for calls outside of blocks: rolled back like storage, written with the block, read by such calls alone. */
import { expect, test } from 'vitest'
import { EMPTY, fromHex, toHex, utf8 } from '../../../../../node-core/base/bytes.ts'
import { createOffchainServices } from '../../../../../node-core/chain/runtime/host/offchain-services.ts'
import { packChanges, unpackChanges } from '../../../../../node-core/chain/runtime/threads/protocol.ts'
import { ScaleWriter } from '../../../../../node-core/scale/writer.ts'
import { HostBench } from '../../../../helpers/host-functions.ts'
import { testRunner } from '../../../../helpers/runtime-state.ts'
import { op, spanOf, wasmModule, type WasmImport } from '../../../../helpers/wasm-module.ts'

const NONE = Uint8Array.of(0)
const some = (text: string): Uint8Array => new ScaleWriter().u8(1).bytes(utf8(text)).finish()

test('writes are the block\'s, the last one of a key counts, and a rollback takes them back', () => {
  const host = new HostBench({}, { a: NONE })
  const root = host.bytes('storage_root_version_1')
  host.run('offchain_index_set_version_1', utf8('k'), utf8('1'))
  host.run('offchain_index_clear_version_1', utf8('gone'))
  host.run('storage_start_transaction_version_1')
  host.run('offchain_index_set_version_1', utf8('k'), utf8('2'))
  host.run('offchain_index_set_version_1', utf8('l'), utf8('2'))
  host.run('storage_rollback_transaction_version_1')
  host.run('storage_start_transaction_version_1')
  host.run('offchain_index_set_version_1', utf8('m'), utf8('3'))
  host.run('storage_commit_transaction_version_1')
  const changes = host.call.storage.changes(0, { next: 1 })
  expect(changes.offchain).toEqual([[utf8('k'), utf8('1')], [utf8('gone'), undefined], [utf8('m'), utf8('3')]])
  expect(toHex(root)).toBe(changes.stateRoot)
  expect(unpackChanges(packChanges(changes))).toEqual(changes)
})

test('what blocks left is read by an offchain call, over which its own writes lie', () => {
  const indexed = new Map([['k', utf8('left')]])
  const host = new HostBench({ offchain: createOffchainServices(() => 0, false, indexed) })
  const read = () => host.bytes('offchain_local_storage_get_version_1', 0, utf8('k'))
  expect(read()).toEqual(some('left'))
  expect(host.run('offchain_local_storage_compare_and_set_version_1', 0, utf8('k'), some('left'), utf8('mine'))).toBe(1)
  expect(read()).toEqual(some('mine'))
  host.run('offchain_local_storage_clear_version_1', 0, utf8('k'))
  expect(read()).toEqual(NONE)
})

test('a call has these functions only where it is made for them; a block, a proof and any other call end there', () => {
  const TIMESTAMP: WasmImport = { name: 'ext_offchain_timestamp_version_1', params: [], results: ['i64'] }
  const body = [...op.call(0), ...op.drop, ...spanOf(0, 0)]
  const { runner, root } = testRunner(wasmModule({ imports: [TIMESTAMP], entries: { when: { body }, Core_execute_block: { body } } }))
  expect(runner.call(root, 'when', EMPTY, true)).toEqual(EMPTY)
  expect(() => runner.call(root, 'when', EMPTY)).toThrow(/offchain function/)
  expect(() => runner.executeBlock(root, EMPTY, root)).toThrow(/offchain function/)
  expect(runner.prove(root, 'when', EMPTY).result).toBeUndefined()
})

test('indexing a transaction has no effect, and a hash outside of the memory ends the call', () => {
  const host = new HostBench()
  host.run('transaction_index_index_version_1', 0, 10, { at: fromHex(`0x${'11'.repeat(32)}`) })
  host.run('transaction_index_renew_version_1', 0, { at: fromHex(`0x${'11'.repeat(32)}`) })
  expect(() => host.run('transaction_index_renew_version_1', 0, 131_060)).toThrow(/outside of the memory/)
})
