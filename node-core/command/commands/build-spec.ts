/**
 * `build-spec`: prints a chain specification, as the command of Substrate's nodes does.
 *
 * Where it names no peer to begin with and this node has a key (`--node-key`), its own address on this computer is entered, unless
 * `--disable-default-bootnode` says otherwise. Without a key there is nothing to enter: the identity of a node that does not run yet is not known.
 */
import { join } from 'node:path'
import type { ChainSpec, WrittenSpec } from '../../chain/spec/schema.ts'
import { defineCommand } from '../definition/command.ts'
import { NODE_FLAGS, NODE_KEY_FLAGS } from '../flags.ts'

export const buildSpec = defineCommand({
  name: 'build-spec',
  summary: 'print a chain specification',
  flags: {
    chain: { ...NODE_FLAGS.chain, fallback: 'dev' },
    dev: { ...NODE_FLAGS.dev, help: 'the development network' },
    raw: { type: 'boolean', group: 'command', help: 'the genesis as a state, not as what makes it' },
    'disable-default-bootnode': { type: 'boolean', group: 'command', help: 'do not enter this node as a peer to begin with' },
    ...NODE_KEY_FLAGS,
    port: NODE_FLAGS.port,
  },
  examples: [
    ['build-spec --chain local --raw > local.json', 'The genesis state of the network of two development accounts.'],
    ['build-spec --chain dev > dev.json', 'What its runtime makes the genesis from, to be edited.'],
  ],
  run: async ({ values, installation, terminal }) => {
    const [{ loadChainSpec, readNamedSpec }, { printSpec }, { withState }, { portOf }, { readNodeKey }] = await Promise.all([
      import('../../chain/spec/load.ts'), import('../../chain/spec/print.ts'), import('../../chain/spec/with-state.ts'), import('../node-options.ts'), import('../node-key.ts'),
    ])
    const chain = values.chain ?? 'dev'
    const options = { chainsPath: join(installation.folder, 'chains'), genesisWorkerUrl: installation.workerUrls?.genesis }
    const nodeKey = readNodeKey(values)
    const port = portOf('port', values.port, 30333)
    const spec = values.raw === true ? withState(await loadChainSpec(chain, options)) : (await readNamedSpec(chain, options)).spec
    terminal.raw(printSpec(values['disable-default-bootnode'] === true ? spec : await withBootnode(spec, nodeKey, port), chain))
    return undefined
  },
})

async function withBootnode(spec: ChainSpec | WrittenSpec, nodeKey: string | undefined, port: number): Promise<ChainSpec | WrittenSpec> {
  if (nodeKey === undefined || spec.bootNodes.length > 0) return spec
  const { loadIdentity } = await import('../../network/host/identity.ts')
  const { peerId } = await loadIdentity('', nodeKey)
  return { ...spec, bootNodes: [`/ip4/127.0.0.1/tcp/${port}/p2p/${peerId}`] }
}
