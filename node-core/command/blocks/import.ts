/**
 * Importing the blocks of a file: each is checked and executed as one that a peer sent. What is here already is passed over without a look
 * at its content, so an import that was cut off, by whatever, goes on where it was when it is started again.
 */
import type { OfflineChain } from '../../chain/node/offline.ts'
import type { ImportOutcome } from '../../chain/core/types.ts'
import { headerHash } from '../../chain/scale/header.ts'
import { CommandError } from '../definition/errors.ts'
import { requireGoing } from '../offline-chain.ts'
import type { Progress } from '../terminal/progress.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { BlockStream } from './block-stream.ts'
import type { SignedBlock } from './signed-block.ts'

/** Blocks under way at once: checked ahead, executed one after the other. */
const AHEAD = 64

export interface Imported {
  readonly imported: number
  readonly known: number
  readonly best: { readonly number: number; readonly hash: string }
  readonly finalized: { readonly number: number; readonly hash: string }
}

/** Throws DATA_INVALID with the block that is refused; what came before it stays. */
export async function importBlocks(chain: OfflineChain, { total, blocks }: BlockStream, terminal: Terminal, signal: AbortSignal): Promise<Imported> {
  let [imported, known] = [0, 0]
  let progress: Progress | undefined
  const underWay: { readonly block: SignedBlock; readonly isHere: boolean; readonly outcome: Promise<ImportOutcome> }[] = []
  const settle = async (): Promise<void> => {
    const next = underWay.shift()
    if (next === undefined) return
    const outcome = await next.outcome
    if (outcome.kind === 'known' || (outcome.kind === 'imported' && next.isHere)) known++
    else if (outcome.kind === 'imported') imported++
    else throw refused(next.block, outcome)
    progress?.at(imported + known)
  }
  try {
    for await (const block of blocks) {
      requireGoing(signal, `${imported} blocks were imported.`)
      if (chain.fault !== undefined) throw chain.fault
      const isHere = chain.blocks.hasBlock(headerHash(block.header))
      if (isHere && provesNothing(chain, block)) {
        if (underWay.length > 0) await settle()
        known++
        continue
      }
      if (progress === undefined && known > 0) terminal.note(`${known} blocks are here already; going on with block ${block.header.number}.`)
      // What is passed over takes no time to speak of, and so does not count for the speed.
      progress ??= terminal.progress({ label: 'Importing', unit: 'blocks', total, from: known })
      const outcome = block.header.number === 0 ? isGenesis(chain, block) : chain.importer.importBlock(block, 'file', block.justifications)
      outcome.catch(() => undefined)
      underWay.push({ block, isHere, outcome })
      if (underWay.length >= AHEAD) await settle()
    }
    while (underWay.length > 0) await settle()
  } finally {
    await Promise.allSettled(underWay.map(({ outcome }) => outcome))
    progress?.end()
  }
  return { imported, known, best: chain.blocks.best(), finalized: chain.blocks.finalized() }
}

/** Of a block that is here: an import that was killed may have stored it, and not yet what proves it final. */
function provesNothing({ blocks }: OfflineChain, { header, justifications = [] }: SignedBlock): boolean {
  return justifications.length === 0 || header.number <= blocks.finalized().number
}

function isGenesis(chain: OfflineChain, { header }: SignedBlock): Promise<ImportOutcome> {
  if (headerHash(header) === chain.blocks.genesisHash) return Promise.resolve({ kind: 'known' })
  return Promise.resolve({ kind: 'invalid', refusal: 'proven', code: 'OTHER_GENESIS', message: 'It is the genesis of another network.' })
}

function refused({ header }: SignedBlock, outcome: Exclude<ImportOutcome, { kind: 'imported' | 'known' }>): CommandError {
  const why = outcome.kind === 'unknown-parent' ? 'its parent is not here' : outcome.message.replace(/\.$/, '')
  return new CommandError('DATA_INVALID', `Block ${header.number} is refused: ${why}.`, {
    hint: outcome.kind === 'unknown-parent' ? 'Import the blocks before it first, or check whether the file is of this network (--chain).' : 'What came before it was imported and stays.',
    data: { number: header.number, code: outcome.kind === 'invalid' ? outcome.code : 'UNKNOWN_PARENT' },
  })
}

/**
 * The blocks, and whether they were sealed on request: then the first after genesis has no seal of an engine. Throws what reading the
 * file throws.
 */
export async function peekSealing(stream: BlockStream): Promise<{ readonly stream: BlockStream; readonly isSealed: boolean }> {
  const iterator = stream.blocks[Symbol.asyncIterator]()
  const first: SignedBlock[] = []
  let isSealed = false
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
    first.push(next.value)
    const { number, digest } = next.value.header
    if (number === 0) continue
    isSealed = digest.at(-1)?.type !== 'seal'
    break
  }
  async function* blocks(): AsyncGenerator<SignedBlock> {
    yield* first
    yield* { [Symbol.asyncIterator]: () => iterator }
  }
  return { stream: { ...stream, blocks: blocks() }, isSealed }
}
