/**
 * Run as a process of its own: goes on with the chain in the folder given, with forks and finality, and gives states up meanwhile, until
 * it is killed. It says when it has begun.
 */
import { silentLogger } from '../../../../node-core/base/logger.ts'
import type { Hash } from '../../../../node-core/base/bytes.ts'
import { StateService } from '../../../../node-core/chain/state/state-service.ts'
import { openTrieSource } from '../../../../node-core/chain/state/trie-source.ts'
import type { Change } from '../../../../node-core/chain/trie/types.ts'
import { StateChain, type ModelBlock } from '../../../helpers/state-chain.ts'
import { genesis } from './chain-blocks.ts'

const [dataPath, salt, pruning] = process.argv.slice(2) as [string, string, string]
const service = new StateService({ logger: silentLogger }, { dataPath, genesis, pruning: Number(pruning) })
await service.start()
const { blocks, writer } = service
const source = await openTrieSource(dataPath)
const best = blocks.header(blocks.best().hash) ?? genesis.header
const chain = new StateChain(source, best)
let parent = [...chain.blocks.values()][0] as ModelBlock
let seed = parent.header.number
const random = (limit: number): number => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
  return (seed >>> 8) % limit
}
const edits = (): Change[] => Array.from({ length: 30 }, () => [Uint8Array.of(random(8), random(250)), random(5) === 0 ? undefined : new Uint8Array(20 + random(40)).fill(random(255))])
for (let i = 0; ; i++) {
  const forks = [edits(), edits()].map((main, fork) => chain.block(parent, { main }, `${salt} ${i} ${fork}`, fork === 0))
  for (const block of forks) await writer.importBlock(block)
  parent = chain.blocks.get(forks[0]?.hash as Hash) as ModelBlock
  if (i === 0) process.stdout.write('begun\n')
  if (i % 3 === 2) await writer.finalize(blocks.hashByNumber(parent.header.number - 1) as Hash)
}
