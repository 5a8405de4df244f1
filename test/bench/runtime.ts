/**
 * Executing blocks through the executor (worker thread, transactions, trie, root, packed nodes, on a database) against
 * the bare calls of the same runtime (see bare-runtime.ts). Both are warm: the figures are medians over many blocks.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromHex, toBinaryString } from '../../node-core/base/bytes.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import { decodeVersion } from '../../node-core/chain/runtime/api/version.ts'
import { RuntimeWorkers } from '../../node-core/chain/runtime/threads/executor.ts'
import { compileCode } from '../../node-core/chain/runtime/code/code.ts'
import { emptyContext } from '../../node-core/chain/runtime/code/code-version.ts'
import { RuntimeInstance } from '../../node-core/chain/runtime/guest/instance.ts'
import { createLevel } from '../../node-core/chain/state/trie-source.ts'
import { readChainFile } from '../helpers/chain-files.ts'
import { buildDevBlock, encodeBlock, type BuiltBlock } from '../helpers/dev-blocks.ts'
import { signedExtrinsic, transferCall } from '../helpers/dev-extrinsic.ts'
import { genesisRunner } from '../helpers/runtime-state.ts'
import { BareRuntime } from './bare-runtime.ts'
import { storeChanges, storeState } from '../helpers/stored-states.ts'
import type { Report } from './report.ts'

const BLOCKS = 150
/** What the figures leave out: the engine is still optimizing. */
const WARM_UP = 100

export async function benchRuntime(report: Report): Promise<void> {
  for (const transfers of [0, 10, 100]) {
    const { ours, bare } = await benchBlocks(transfers)
    const detail = `${bare.toFixed(2)} ms bare, ${ours.toFixed(2)} ms through the executor (${(1000 / ours).toFixed(0)} blocks/s)`
    report(`block of ${transfers} transfers: bare calls / ours (goal >= 0.6)`, bare / ours, detail)
  }
  benchInstances(report)
}

async function benchBlocks(transfers: number): Promise<{ ours: number; bare: number }> {
  const network = genesisRunner('dev')
  const alice = devAccount('//Alice').sr25519
  const bob = devAccount('//Bob').sr25519
  const chain = { genesisHash: network.genesis.hash, version: decodeVersion(network.runner.version(network.root)) }
  const blocks: BuiltBlock[] = []
  let parent = network.genesis.header
  let nonce = 0
  for (let i = 0; i < BLOCKS + WARM_UP; i++) {
    const transfer = transferCall(bob.publicKey, 10n ** 12n)
    const extrinsics = Array.from({ length: transfers }, () => signedExtrinsic(alice, transfer, nonce++, chain))
    const block = buildDevBlock(network.runner, parent, extrinsics)
    network.nodes.add(block.changes.nodes)
    blocks.push(block)
    parent = block.header
  }

  const { top } = readChainFile('dev').genesis.raw
  const state = Object.entries(top).map(([key, value]) => [toBinaryString(fromHex(key)), fromHex(value)] as const)
  const bareRuntime = new BareRuntime(network.code, new Map(state))
  const folder = await mkdtemp(join(tmpdir(), 'nodestead-bench-'))
  const level = createLevel(folder)
  await level.open()
  await storeState(level, network.root, network.genesis.nodes)
  const executor = new RuntimeWorkers({ logger: silentLogger }, { dataPath: folder })
  await executor.start()
  const times: { ours: number[]; bare: number[] } = { ours: [], bare: [] }
  let stateRoot = network.root
  for (const { header, body } of blocks) {
    const encoded = encodeBlock(header, body)
    let start = performance.now()
    bareRuntime.executeBlock(header, encoded)
    times.bare.push(performance.now() - start)
    start = performance.now()
    const changes = await executor.executeBlock(stateRoot, header, body)
    times.ours.push(performance.now() - start)
    await storeChanges(level, changes.stateRoot, changes.nodes)
    stateRoot = changes.stateRoot
  }
  await executor.stop()
  await level.close()
  await rm(folder, { recursive: true })
  return { ours: median(times.ours.slice(WARM_UP)), bare: median(times.bare.slice(WARM_UP)) }
}

/** Why instances are used again: what putting one back costs beside making one. */
function benchInstances(report: Report): void {
  const code = compileCode(genesisRunner('dev').code)
  const instance = new RuntimeInstance(code)
  const made: number[] = []
  const reset: number[] = []
  for (let i = 0; i < 50; i++) {
    let start = performance.now()
    const fresh = new RuntimeInstance(code)
    made.push(performance.now() - start)
    fresh.call('Core_version', new Uint8Array(0), emptyContext())
    instance.call('Core_version', new Uint8Array(0), emptyContext())
    start = performance.now()
    instance.reset()
    reset.push(performance.now() - start)
  }
  const detail = `${median(made).toFixed(3)} ms to make an instance, ${median(reset).toFixed(3)} ms to put one back`
  report('a fresh instance / an instance put back', median(made) / median(reset), detail)
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
