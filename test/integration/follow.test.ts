/** Two whole nodes over libp2p on loopback: one authors, the other catches up and follows. */
import { expect, it } from 'vitest'
import { DevNode } from '../helpers/dev-node.ts'

it('a node that joins late catches up, then follows blocks and finality', async () => {
  const author = await DevNode.start()
  await author.leaps(30, 20)
  const address = author.address
  const follower = await DevNode.start({ validator: false, clock: author.clock, bootnodes: [address] })
  try {
    const { blocks } = follower.node
    const reach = (what: string, done: () => boolean): Promise<void> => author.reach(what, done)
    await reach('catching up', () => blocks.best().number >= 30)
    await reach('following', () => blocks.best().number >= 33 && blocks.best().hash === author.node.blocks.best().hash)
    await reach('finality', () => blocks.finalized().number >= 30)
    expect(author.node.blocks.isAncestor(blocks.finalized().hash, author.node.blocks.best().hash)).toBe(true)
    expect(author.node.network.peers().map(({ peerId }) => peerId)).toEqual([follower.node.network.localPeerId])
  } finally {
    await follower.stop()
    await author.stop()
  }
})
