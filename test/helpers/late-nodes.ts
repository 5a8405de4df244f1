/** A chain that runs and nodes that come to it late, all of which are stopped, and their folders removed, when the test is over. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DevNode, type DevNodeOptions } from './dev-node.ts'

export class LateNodes {
  readonly #nodes: DevNode[] = []
  readonly #folders: string[] = []

  async start(options: DevNodeOptions): Promise<DevNode> {
    const node = await DevNode.start(options)
    this.#nodes.push(node)
    return node
  }

  /** The author of a chain whose state has changed with each block. */
  async author(blocks: number): Promise<DevNode> {
    const author = await this.start({})
    await author.leaps(blocks, 20)
    return author
  }

  /** A follower that joins by proofs and a recent state. */
  late(author: DevNode, options: Partial<DevNodeOptions> = {}): Promise<DevNode> {
    return this.start({ validator: false, clock: author.clock, bootnodes: [author.address], sync: 'warp', ...options })
  }

  /** For a node that is started more than once. */
  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'nodestead-late-'))
    this.#folders.push(folder)
    return folder
  }

  async stop(): Promise<void> {
    for (const node of this.#nodes.splice(0).reverse()) await node.stop()
    for (const folder of this.#folders.splice(0)) await rm(folder, { recursive: true, force: true })
  }
}
