/** A chain with another finality engine beside GRANDPA: its nodes hand out both justifications, and stay our peers. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { BadPeer, type Behaviour } from '../helpers/bad-peers.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { blockDataMessage, decodeBlockResponse, encodeBlockResponse } from '../../node-core/chain/protocols/requests/sync-messages.ts'

const BEEF = { engine: 'BEEF', data: Uint8Array.of(1, 0, 0, 0, 7) }
const BLOCKS = 40

/** Every block has a justification of BEEFY, those with one of GRANDPA before or behind it. */
const beefy: Behaviour = async (honest) => {
  const blocks = decodeBlockResponse(honest, 128).map((block, i) => {
    const ours = block.justifications ?? []
    return { ...block, justifications: i % 2 === 0 ? [BEEF, ...ours] : [...ours, BEEF] }
  })
  return encodeBlockResponse(blocks.map((block) => blockDataMessage(block, true)))
}

it('a peer whose blocks carry justifications of BEEFY is synced from, believed and charged with nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nodestead-beefy-'))
  const author = await DevNode.start()
  const { clock } = author
  await author.leaps(BLOCKS, 2)
  await author.slots(3)
  const peer = await BadPeer.start({ behaviour: beefy, claims: author.node.blocks.best(), blocks: author.node.blocks, clock, dataPath: folder })
  const follower = await DevNode.start({ validator: false, clock, bootnodes: [peer.address] })
  try {
    const { number } = author.node.blocks.finalized()
    expect(number).toBeGreaterThan(10)
    await author.reach('finality of the follower', () => follower.node.blocks.finalized().number >= number)
    expect(follower.node.sync.events().filter(({ kind }) => kind === 'peer-charged')).toEqual([])
    expect(follower.problems().filter((problem) => problem.includes('justification'))).toEqual([])
  } finally {
    await follower.stop()
    await peer.stop()
    await author.stop()
    await rm(folder, { recursive: true, force: true })
  }
}, 120_000)
