/**
 * What a whole block costs as the state grows: execution through the executor on a database, with transfers to accounts
 * all over the state. The trie gets deeper, so a little growth belongs to it; anything like the size of the state does not.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toHex } from '../../node-core/base/bytes.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import { accountKey } from '../helpers/relay-spec.ts'
import { buildGenesis } from '../../node-core/chain/spec/genesis.ts'
import type { ChainSpec } from '../../node-core/chain/spec/schema.ts'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import { blake2b256 } from '../../node-core/crypto/hashes/hashing.ts'
import { decodeVersion } from '../../node-core/chain/runtime/api/version.ts'
import { RuntimeWorkers } from '../../node-core/chain/runtime/threads/executor.ts'
import { ScaleWriter } from '../../node-core/scale/writer.ts'
import { createLevel } from '../../node-core/chain/state/trie-source.ts'
import { readChainFile } from '../helpers/chain-files.ts'
import { buildDevBlock, type BuiltBlock } from '../helpers/dev-blocks.ts'
import { signedExtrinsic, transferCall } from '../helpers/dev-extrinsic.ts'
import { MemoryNodes, runnerOn } from '../helpers/runtime-state.ts'
import { storeChanges, storeState } from '../helpers/stored-states.ts'
import type { Report } from './report.ts'

const BASE = 1_000
const TRANSFERS = 20
const BLOCKS = 160
/** The engine compiles what is hot while the first blocks run; the figures leave that out. */
const WARM_UP = 110

export async function benchStateSize(report: Report): Promise<void> {
  await blockCost(BASE)
  const base = await blockCost(BASE)
  for (const factor of [10, 100]) {
    const cost = await blockCost(BASE * factor)
    report(
      `block of ${TRANSFERS} transfers at ${factor}x the accounts / at ${BASE} (goal <= 1.5)`,
      cost / base,
      `${cost.toFixed(2)} ms against ${base.toFixed(2)} ms`,
    )
  }
}

/** A flag of an account whose locks are kept in the present way. */
const NEW_LOGIC = 1n << 127n

/** Account `index` of those that only fill the state. */
function filler(index: number): Uint8Array {
  return blake2b256(new ScaleWriter(4).u32(index).finish())
}

function specWithAccounts(count: number): ChainSpec {
  const spec = readChainFile('dev')
  const balance = new ScaleWriter().u32(0).u32(0).u32(1).u32(0).u128(10n ** 15n).u128(0n).u128(0n).u128(NEW_LOGIC).finish()
  const top = { ...spec.genesis.raw.top }
  for (let i = 0; i < count; i++) top[toHex(accountKey(filler(i)))] = toHex(balance)
  return { ...spec, genesis: { raw: { ...spec.genesis.raw, top } } }
}

/** Median milliseconds of a block's execution. */
async function blockCost(accounts: number): Promise<number> {
  const genesis = buildGenesis(specWithAccounts(accounts), 0)
  const nodes = new MemoryNodes()
  nodes.add(genesis.nodes)
  const { runner } = runnerOn(nodes)
  const alice = devAccount('//Alice').sr25519
  const chain = { genesisHash: genesis.hash, version: decodeVersion(runner.version(genesis.header.stateRoot)) }
  const blocks: BuiltBlock[] = []
  let parent = genesis.header
  for (let i = 0; i < BLOCKS; i++) {
    const extrinsics = Array.from({ length: TRANSFERS }, (_, j) => {
      const nonce = i * TRANSFERS + j
      // A stride that is prime to every size used, so that the receivers lie all over the state.
      return signedExtrinsic(alice, transferCall(filler((nonce * 7919) % accounts), 10n ** 10n), nonce, chain)
    })
    const block = buildDevBlock(runner, parent, extrinsics)
    nodes.add(block.changes.nodes)
    blocks.push(block)
    parent = block.header
  }

  const folder = await mkdtemp(join(tmpdir(), 'nodestead-bench-'))
  const level = createLevel(folder)
  await level.open()
  await storeState(level, genesis.header.stateRoot, genesis.nodes)
  const executor = new RuntimeWorkers({ logger: silentLogger }, { dataPath: folder })
  await executor.start()
  const times: number[] = []
  let stateRoot = genesis.header.stateRoot
  for (const { header, body } of blocks) {
    const start = performance.now()
    const changes = await executor.executeBlock(stateRoot, header, body)
    times.push(performance.now() - start)
    await storeChanges(level, changes.stateRoot, changes.nodes)
    stateRoot = changes.stateRoot
  }
  await executor.stop()
  await level.close()
  await rm(folder, { recursive: true })
  const measured = times.slice(WARM_UP).sort((a, b) => a - b)
  return measured[Math.floor(measured.length / 2)] ?? Number.NaN
}
