/** The runtime that made a block, and its types: those of the parent's state, because a block that changes the code is still made by the old one. */
import type { Hash } from '../../base/bytes.ts'
import { errorMessage } from '../../base/errors.ts'
import type { Header } from '../scale/header.ts'
import type { ExplorerBlocks, ExplorerRuntime, ExplorerStorage } from './chain.ts'
import type { DecoderThread } from './decoder-thread.ts'
import type { Undecodable } from './types.ts'

export interface BlockRuntimeDependencies {
  readonly blocks: Pick<ExplorerBlocks, 'header'>
  readonly storage: Pick<ExplorerStorage, 'has'>
  readonly runtime: ExplorerRuntime
  readonly decoder: DecoderThread
}

type Version = Awaited<ReturnType<ExplorerRuntime['version']>>

export interface BlockRuntime {
  readonly version: Version | undefined
  /** The decoder's name of it; undefined where it cannot be decoded by. */
  readonly key: string | undefined
  readonly eventsKey: Uint8Array | undefined
  readonly undecodable: Undecodable | undefined
}

/** Newest first; a runtime that cannot be asked gives what it has. */
const READ_VERSIONS = [16, 15, 14]

const NOTHING = { version: undefined, key: undefined, eventsKey: undefined, undecodable: undefined } as const

/** Never throws. */
export async function runtimeOf(header: Header, { blocks, storage, runtime, decoder }: BlockRuntimeDependencies): Promise<BlockRuntime> {
  const parent = header.number === 0 ? undefined : blocks.header(header.parentHash)
  const stateRoot = [parent?.stateRoot, header.stateRoot].find((root): root is Hash => root !== undefined && storage.has(root))
  if (stateRoot === undefined) return { ...NOTHING, undecodable: { reason: 'noState' } }
  let version: Version | undefined
  try {
    version = await runtime.version(stateRoot)
    const key = `${version.specName}/${version.specVersion}/${version.implVersion}`
    let opened = await decoder.run<'open'>({ kind: 'open', runtime: key, metadata: undefined })
    if (opened.kind === 'unknown') {
      const metadata = await runtime.metadata(stateRoot, READ_VERSIONS)
      opened = await decoder.run<'open'>({ kind: 'open', runtime: key, metadata })
    }
    if (opened.kind === 'open') return { ...NOTHING, version, key, eventsKey: opened.eventsKey }
    return { ...NOTHING, version, undecodable: opened.kind === 'undecodable' ? opened.undecodable : { reason: 'failed', message: 'no metadata' } }
  } catch (error) {
    return { ...NOTHING, version, undecodable: { reason: 'failed', message: errorMessage(error) } }
  }
}
