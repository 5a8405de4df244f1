/**
 * The inverse of `export-state`: a fresh folder in which the chain stands on that block. It is not a new chain: genesis and network are the same,
 * and a node goes on from there, with blocks of a file (`import-blocks`) or of peers; those below it are fetched as after joining by proofs.
 *
 * The file may be larger than memory: it is read as a stream (state-source.ts), once to see that it is whole, and once for what is written.
 */
import type { Logger } from '../../base/logger.ts'
import { restoreState } from '../../chain/node/restore-state.ts'
import { readCodeVersion } from '../../chain/runtime/code/code-version.ts'
import { headerHash } from '../../chain/scale/header.ts'
import type { ChainSpec } from '../../chain/spec/schema.ts'
import type { Installation } from '../definition/command.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { ExportedState } from './export-state.ts'
import { StateSource, type SurveyedState } from './state-source.ts'

export interface ImportStateOptions {
  /** Of the chain. */
  readonly spec: ChainSpec
  readonly basePath: string
  /** The path of what `export-state` wrote. */
  readonly source: string
  readonly installation: Pick<Installation, 'workerUrls'>
  readonly logger: Logger
}

/** Throws DATA_INVALID where the file is damaged or says nothing of a block, and what restoring it throws. A file that is refused has changed nothing. */
export async function importState({ spec, basePath, source: path, installation, logger }: ImportStateOptions, terminal: Terminal): Promise<ExportedState> {
  const source = new StateSource(path)
  try {
    const { block, genesisHash, code, entries, childEntries, children } = await looked(source, terminal)
    const progress = terminal.progress({ label: 'Importing', unit: 'entries', total: entries + children })
    const { header } = block
    const isSealed = header.number > 0 && header.digest.at(-1)?.type !== 'seal'
    try {
      const { stateVersion: version } = readCodeVersion(code)
      await restoreState({ spec, basePath, logger, workerUrls: installation.workerUrls }, { block, genesisHash, version, top: source.top(), children: source.children(), isSealed }, (done) => progress.at(done))
    } catch (error) {
      throw await source.explained(error)
    } finally {
      progress.end()
    }
    return { number: header.number, hash: headerHash(header), stateRoot: header.stateRoot, entries: entries + childEntries }
  } finally {
    source.close()
  }
}

async function looked(source: StateSource, terminal: Terminal): Promise<SurveyedState> {
  const progress = terminal.progress({ label: 'Checking', unit: 'bytes', total: source.size })
  try {
    const found = await source.survey((bytes) => progress.at(bytes))
    progress.at(source.size)
    return found
  } finally {
    progress.end()
  }
}
