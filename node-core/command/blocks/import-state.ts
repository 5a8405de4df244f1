/**
 * The inverse of `export-state`: a fresh folder in which the chain stands on that block. It is not a new chain: genesis and network are the same,
 * and a node goes on from there, with blocks of a file (`import-blocks`) or of peers; those below it are fetched as after joining by proofs.
 */
import { EMPTY, fromHex } from '../../base/bytes.ts'
import type { Logger } from '../../base/logger.ts'
import { restoreState } from '../../chain/node/restore-state.ts'
import { readCodeVersion } from '../../chain/runtime/code/code-version.ts'
import { headerHash } from '../../chain/scale/header.ts'
import { genesisCode } from '../../chain/spec/genesis.ts'
import type { GenesisStorage } from '../../chain/spec/raw-genesis.ts'
import type { ChainSpec } from '../../chain/spec/schema.ts'
import type { Entry } from '../../chain/trie/types.ts'
import type { Installation } from '../definition/command.ts'
import { CommandError } from '../definition/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { ExportedState } from './export-state.ts'
import { stateOfBlock } from './state-file.ts'

export interface ImportStateOptions {
  /** Of the chain. */
  readonly spec: ChainSpec
  readonly basePath: string
  /** What `export-state` wrote. */
  readonly file: ChainSpec
  readonly source: string
  readonly installation: Pick<Installation, 'workerUrls'>
  readonly logger: Logger
}

/** Throws DATA_INVALID where the file says nothing of a block, and what restoring it throws. */
export async function importState({ spec, basePath, file, source, installation, logger }: ImportStateOptions, terminal: Terminal): Promise<ExportedState> {
  const found = stateOfBlock(file)
  if (found === undefined || !('raw' in file.genesis)) {
    throw new CommandError('DATA_INVALID', `${source} does not say of which block its state is.`, { hint: 'Export the state with this program. A chain of its own that begins with such a state is started with --chain and the file.' })
  }
  const { block, genesisHash } = found
  const { top: entries, childrenDefault } = file.genesis.raw
  const top = sorted(entries)
  const children = Object.entries(childrenDefault ?? {}).map(([key, storage]) => [fromHex(key), sorted(storage)] as const).filter(([, inner]) => inner.length > 0)
  const progress = terminal.progress({ label: 'Importing', unit: 'entries', total: top.length + children.length })
  const { header } = block
  const isSealed = header.number > 0 && header.digest.at(-1)?.type !== 'seal'
  try {
    const { stateVersion: version } = readCodeVersion(genesisCode(file))
    await restoreState({ spec, basePath, logger, workerUrls: installation.workerUrls }, { block, genesisHash, version, top, children, isSealed }, (done) => progress.at(done))
  } finally {
    progress.end()
  }
  return { number: header.number, hash: headerHash(header), stateRoot: header.stateRoot, entries: children.reduce((sum, [, inner]) => sum + inner.length, top.length) }
}

function sorted(storage: GenesisStorage): Entry[] {
  const entries = Object.entries(storage).map(([key, value]): Entry => [fromHex(key), value === '0x' ? EMPTY : fromHex(value)])
  return entries.sort(([a], [b]) => Buffer.compare(a, b))
}
