/** Blocks that the builder makes with a real runtime are blocks that the executor accepts, to the same state. */
import { beforeAll, expect, test } from 'vitest'
import { utf8 } from '../../../node-core/base/bytes.ts'
import { devAccount } from '../../../node-core/crypto/keys/dev-accounts.ts'
import { decodeTransactionValidity, type TransactionValidity } from '../../../node-core/chain/runtime/api/validity.ts'
import { decodeVersion } from '../../../node-core/chain/runtime/api/version.ts'
import type { RuntimeVersion } from '../../../node-core/chain/runtime/types.ts'
import type { Extrinsic } from '../../../node-core/chain/scale/block.ts'
import type { Header } from '../../../node-core/chain/scale/header.ts'
import { ScaleReader } from '../../../node-core/scale/reader.ts'
import { ScaleWriter } from '../../../node-core/scale/writer.ts'
import { buildDevBlock, encodeBlock } from '../../helpers/dev-blocks.ts'
import { remarkCall, signedExtrinsic, transferCall } from '../../helpers/dev-extrinsic.ts'
import { genesisRunner, runnerOn, unnumbered } from '../../helpers/runtime-state.ts'

const alice = devAccount('//Alice').sr25519
const bob = devAccount('//Bob').sr25519

let network: ReturnType<typeof genesisRunner>
let version: RuntimeVersion
let genesis: Header

beforeAll(() => {
  network = genesisRunner('dev')
  version = decodeVersion(network.runner.version(network.root))
  genesis = network.genesis.header
})

const sign = (call: Uint8Array, nonce: number): Extrinsic =>
  signedExtrinsic(alice, call, nonce, { genesisHash: network.genesis.hash, version })

test('an empty block has its inherents and executes to the root in its header', () => {
  const { header, body, changes } = buildDevBlock(network.runner, genesis, [])
  expect(header.number).toBe(1)
  // The time: this runtime has no other inherent.
  expect(body.length).toBe(1)
  expect(changes.stateRoot).toBe(header.stateRoot)
  // A runner that has not built it comes to the same.
  const other = genesisRunner('dev')
  expect(unnumbered(other.runner.executeBlock(genesis.stateRoot, encodeBlock(header, body), header.stateRoot))).toEqual(unnumbered(changes))
})

test('extrinsics are in the block or without a trace', () => {
  const transfer = transferCall(bob.publicKey, 10n ** 12n)
  const stale = sign(transfer, 0)
  const broken = sign(remarkCall(utf8('hello')), 1)
  broken[60]! ^= 1
  const { header, body, outcomes } = buildDevBlock(network.runner, genesis, [
    stale, stale, broken, sign(transfer, 7), sign(remarkCall(utf8('hello')), 1),
  ])
  expect(outcomes).toEqual([
    { kind: 'included' },
    { kind: 'invalid', reason: 'Stale', later: false },
    { kind: 'invalid', reason: 'BadProof', later: false },
    { kind: 'invalid', reason: 'Future', later: true },
    { kind: 'included' },
  ])
  const other = genesisRunner('dev')
  expect(other.runner.executeBlock(genesis.stateRoot, encodeBlock(header, body), header.stateRoot).stateRoot).toBe(header.stateRoot)
})

test('block after block, over the state that each one stored', () => {
  const builder = genesisRunner('dev')
  const importer = genesisRunner('dev')
  let parent = genesis
  for (let number = 1; number <= 12; number++) {
    const block = buildDevBlock(builder.runner, parent, [sign(transferCall(bob.publicKey, 10n ** 12n), number - 1)])
    expect(block.outcomes).toEqual([{ kind: 'included' }])
    builder.nodes.add(block.changes.nodes)
    const changes = importer.runner.executeBlock(parent.stateRoot, encodeBlock(block.header, block.body), block.header.stateRoot)
    importer.nodes.add(changes.nodes)
    parent = block.header
  }
  // Read without anything that a runner remembers.
  const nonce = runnerOn(importer.nodes).runner.call(parent.stateRoot, 'AccountNonceApi_account_nonce', alice.publicKey)
  expect(new ScaleReader(nonce).u32()).toBe(12)
})

test('the pool hears what is wrong with a transaction', () => {
  const validate = (extrinsic: Extrinsic): TransactionValidity => {
    const args = new ScaleWriter().u8(2).raw(extrinsic).hash(network.genesis.hash).finish()
    return decodeTransactionValidity(network.runner.call(network.root, 'TaggedTransactionQueue_validate_transaction', args))
  }
  const { header } = buildDevBlock(network.runner, genesis, [])
  expect(header.number).toBe(1)
  const good = validate(sign(remarkCall(utf8('x')), 0))
  expect(good).toMatchObject({ kind: 'valid', requires: [], propagate: true })
  expect(good.kind === 'valid' && good.provides).toHaveLength(1)
  expect(validate(sign(remarkCall(utf8('x')), 3))).toMatchObject({ kind: 'valid', requires: [expect.any(Uint8Array)] })
  const broken = sign(remarkCall(utf8('x')), 0)
  broken[80]! ^= 1
  expect(validate(broken)).toEqual({ kind: 'invalid', reason: 'BadProof', custom: undefined })
})
