/** A block that is here, executed once more on the state of its parent: nothing is written. */
import type { Hash } from '../../base/bytes.ts'
import { errorMessage } from '../../base/errors.ts'
import type { OfflineChain } from '../../chain/node/offline.ts'
import { CommandError, invalid } from '../definition/errors.ts'

export interface Checked {
  readonly number: number
  readonly hash: Hash
  readonly extrinsics: number
  readonly ms: number
}

/** `block`: hash or height. Throws OPTIONS_INVALID where it is not here, DATA_INVALID where it does not come out as its header says. */
export async function checkBlock({ blocks, executor }: OfflineChain, block: string): Promise<Checked> {
  const isHash = /^0x[0-9a-f]{64}$/i.test(block)
  if (!isHash && !/^\d{1,10}$/.test(block)) throw invalid(`"${block}" is neither the hash nor the height of a block.`)
  const hash = isHash ? (block.toLowerCase() as Hash) : blocks.hashByNumber(Number(block))
  const header = hash === undefined ? undefined : blocks.header(hash)
  if (hash === undefined || header === undefined) throw invalid(`Block ${block} is not here.`)
  const parent = blocks.header(header.parentHash)
  const body = await blocks.body(hash)
  if (header.number === 0) throw invalid('The genesis block is not executed: it is what the chain specification says.')
  if (parent === undefined || body === undefined) throw new CommandError('DATA_INVALID', `Block ${block} cannot be executed: ${body === undefined ? 'its body was not kept' : 'its parent is not here'}.`, { hint: 'Use the data of a node with --blocks-pruning archive.' })
  const seal = header.digest.at(-1)
  const unsealed = seal?.type === 'seal' ? { ...header, digest: header.digest.slice(0, -1) } : header
  const began = performance.now()
  const changes = await executor.executeBlock(parent.stateRoot, unsealed, body).catch((error: unknown) => {
    throw new CommandError('DATA_INVALID', `Block ${header.number} cannot be executed: ${errorMessage(error).replace(/\.$/, '')}.`, { hint: 'Where its state was given up, use the data of a node with --state-pruning archive.', cause: error })
  })
  if (changes.stateRoot !== header.stateRoot) {
    throw new CommandError('DATA_INVALID', `Block ${header.number} comes out with the state root ${changes.stateRoot}; its header has ${header.stateRoot}.`, { hint: 'The data or the program are damaged, or the runtime does what this program does not know.' })
  }
  return { number: header.number, hash, extrinsics: body.length, ms: Math.round(performance.now() - began) }
}
