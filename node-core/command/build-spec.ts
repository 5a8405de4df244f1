/**
 * `build-spec`: prints a chain specification, as the command of Substrate's nodes does.
 *
 * Where it names no peer to begin with and this node has a key (`--node-key`), its own address on this computer is entered, unless
 * `--disable-default-bootnode` says otherwise. Without a key there is nothing to enter: the identity of a node that does not run yet is not known.
 */
import { loadChainSpec, readNamedSpec, type LoadOptions } from '../chain/spec/load.ts'
import { printSpec } from '../chain/spec/print.ts'
import type { ChainSpec, WrittenSpec } from '../chain/spec/schema.ts'
import { withState } from '../chain/spec/with-state.ts'
import { loadIdentity } from '../network/host/identity.ts'

export interface BuildSpecOptions extends Pick<LoadOptions, 'chainsPath' | 'genesisWorkerUrl'> {
  /** Name of a known network, or path of a chain specification. */
  readonly chain: string
  /** The genesis as storage. */
  readonly raw: boolean
  readonly defaultBootnode: boolean
  /** 64 hexadecimal digits. */
  readonly nodeKey: string | undefined
  /** Port of the bootnode. */
  readonly port: number
}

/** Returns the text of the file. */
export async function buildSpec(options: BuildSpecOptions): Promise<string> {
  const spec = options.raw ? withState(await loadChainSpec(options.chain, options)) : (await readNamedSpec(options.chain, options)).spec
  return printSpec(await withBootnode(spec, options), options.chain)
}

async function withBootnode(spec: ChainSpec | WrittenSpec, { defaultBootnode, nodeKey, port }: BuildSpecOptions): Promise<ChainSpec | WrittenSpec> {
  if (!defaultBootnode || nodeKey === undefined || spec.bootNodes.length > 0) return spec
  const { peerId } = await loadIdentity('', nodeKey)
  return { ...spec, bootNodes: [`/ip4/127.0.0.1/tcp/${port}/p2p/${peerId}`] }
}
