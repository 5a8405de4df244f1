/** Two whole nodes on loopback: what the inspector of one shows is what they say to each other. */
import { expect, it } from 'vitest'
import type { BlockContent } from '../../node-core/chain/protocols/message-content.ts'
import type { InspectedMessage } from '../../node-core/network/topics/message-types.ts'
import { DevNode } from '../helpers/dev-node.ts'

it('announcements and votes are shown, decoded, on both sides, and who served them is told', async () => {
  const author = await DevNode.start()
  await author.leaps(30, 20)
  const address = author.address
  const follower = await DevNode.start({ validator: false, clock: author.clock, bootnodes: [address] })
  const [authorId, followerId] = [author.node.network.localPeerId, follower.node.network.localPeerId]
  const heard: InspectedMessage[] = []
  const said: InspectedMessage[] = []
  const votes: InspectedMessage[] = []
  const onSkipped = (): void => undefined
  const ends = [
    follower.node.network.inspectTopic('block-announces', { onMessage: (message) => heard.push(message), onSkipped }),
    author.node.network.inspectTopic('block-announces', { onMessage: (message) => said.push(message), onSkipped }),
    follower.node.network.inspectTopic('grandpa', { onMessage: (message) => votes.push(message), onSkipped }),
  ]
  try {
    const { blocks } = follower.node
    const reach = (what: string, done: () => boolean): Promise<void> => author.reach(what, done)
    await reach('following', () => blocks.best().number >= 34 && heard.filter(({ direction }) => direction === 'in').length >= 2)
    await reach('votes', () => votes.some(({ content }) => content.kind === 'neighbor') && votes.some(({ content }) => content.kind === 'vote' || content.kind === 'commit'))

    const [first] = heard.filter(({ direction }) => direction === 'in')
    expect(first).toMatchObject({ peer: authorId, fate: 'accepted', content: { kind: 'block', isBest: true } })
    const sent = said.find(({ direction, hex }) => direction === 'out' && hex === first?.hex)
    expect(sent).toMatchObject({ peer: followerId, fate: 'sent', size: first?.size, content: first?.content })
    const { block } = first?.content as BlockContent
    expect(author.node.blocks.hashByNumber(block.number)).toBe(block.hash)
    expect(votes.filter(({ content }) => content.kind === 'unreadable')).toEqual([])

    const [serving] = follower.node.sync.peers()
    expect(serving).toMatchObject({ peer: authorId, timeouts: 0, failures: 0 })
    expect(serving?.delivered).toBeGreaterThanOrEqual(30)

    ends.forEach((end) => end())
    const counts = [heard.length, said.length, votes.length]
    const best = blocks.best().number
    await reach('two blocks more', () => blocks.best().number >= best + 2)
    expect([heard.length, said.length, votes.length]).toEqual(counts)
  } finally {
    await follower.stop()
    await author.stop()
  }
})
