/** A network of the manager on a real data folder, with a node that leaves there what a chain's does: identity, database, keys. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { silentLogger } from '../../../../node-core/base/logger.ts'
import { FolderMemory } from '../../../../node-core/manager/folders/folder-memory.ts'
import { CHAIN } from '../../../../node-core/manager/kinds/chain/chain.ts'
import { HostedChain } from '../../../../node-core/manager/kinds/chain/hosted.ts'
import type { SeenHeights } from '../../../../node-core/manager/kinds/kind.ts'
import { NodeManager } from '../../../../node-core/manager/manager.ts'
import type { NetworkSummary } from '../../../../node-core/manager/types.ts'
import type { Trouble } from '../../../../node-core/manager/watch/troubles.ts'
import { loadIdentity } from '../../../../node-core/network/host/identity.ts'
import { StandInNode } from '../../../helpers/stand-in-node.ts'

export class GuardedNetwork {
  readonly clock = new FakeClock(1_700_000_000_000)
  readonly manager: NodeManager
  readonly memory: FolderMemory
  readonly dataPath: string
  /** What each node was told that its data have reached. */
  readonly seen: (SeenHeights | undefined)[] = []
  /** The newest. */
  node: StandInNode | undefined
  /** Its height, which is final up to two blocks below. */
  blocks = 0
  genesis: string | undefined
  /** What the disk says instead of an answer. */
  diskFault: Error | undefined
  /** How often the disk was asked for the database. */
  #looks = 0

  /** `userData` is the app's folder; a second one of the same is the app after a restart. */
  constructor(userData: string, { dataPath = join(userData, 'data/chains/dev'), remembers = true } = {}) {
    this.dataPath = dataPath
    this.memory = new FolderMemory({ logger: silentLogger }, userData)
    const { clock } = this
    this.manager = new NodeManager(
      {
        kinds: {
          chain: {
            ...CHAIN,
            hasDatabase: (path) => {
              const { diskFault } = this
              this.#looks++
              return diskFault === undefined ? CHAIN.hasDatabase(path) : Promise.reject(diskFault)
            },
            create: async (_plan, { logger, seen }) => {
              this.seen.push(seen)
              const node = new StandInNode()
              const { genesis } = this
              if (genesis !== undefined) Object.defineProperty(node.blocks, 'genesisHash', { value: genesis })
              node.start = () => this.#open(node)
              this.node = node
              return new HostedChain(node, { logger, clock, chainType: 'Development' })
            },
          },
        },
        plan: () => undefined,
        installation: { chainsPath: '' },
        clock,
        logSinks: [],
        ...(remembers ? { memory: this.memory } : {}),
      },
      { networks: [{ id: 'dev', kind: 'chain', name: 'Development', dataPath }], logFilter: { default: 'info' } },
    )
  }

  get status(): NetworkSummary['status'] {
    return (this.manager.networks()[0] as NetworkSummary).status
  }

  get troubles(): readonly Trouble[] {
    return this.manager.troubles('dev')
  }

  /** Starts, lets the node import `blocks`, and stops it. */
  async run(blocks = 0): Promise<void> {
    await this.manager.start('dev')
    this.import(blocks)
    await this.manager.stop('dev')
    await this.memory.flush()
  }

  import(blocks: number): void {
    const { node } = this
    if (node === undefined) throw new Error('no node runs')
    this.blocks += blocks
    addBlocks(node, blocks)
  }

  /** Looks at the folder are done: time passes, and the disk answers. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 5_000) {
      const looks = this.#looks
      const until = Date.now() + 5_000
      this.clock.advance(Math.min(left, 5_000))
      // On a busy machine it comes to that later.
      while (this.#looks === looks && this.status.state === 'running' && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 2))
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }

  async #open(node: StandInNode): Promise<void> {
    await mkdir(join(this.dataPath, 'db'), { recursive: true })
    await writeFile(join(this.dataPath, 'db/CURRENT'), 'MANIFEST-000001\n')
    addBlocks(node, this.blocks)
    Object.assign(node.network, { localPeerId: (await loadIdentity(this.dataPath, undefined)).peerId })
  }
}

function addBlocks({ blocks }: StandInNode, count: number): void {
  for (let i = 0; i < count; i++) blocks.setBest(blocks.add(blocks.best().hash).hash)
  const final = blocks.hashByNumber(Math.max(0, blocks.best().number - 2))
  if (final !== undefined) blocks.setFinalized(final)
}
