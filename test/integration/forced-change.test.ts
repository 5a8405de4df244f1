/** The runtime forces a change of GRANDPA's authorities: finality goes on here, after a restart, and on a node that syncs past it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ApiPromise, Keyring, WsProvider } from '@polkadot/api'
import type { ProviderInterface } from '@polkadot/rpc-provider/types'
import { expect, it } from 'vitest'
import type { Hash } from '../../node-core/base/bytes.ts'
import { grandpaLogs } from '../../node-core/chain/core/engines/grandpa/digest.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { grandpaOf } from '../helpers/grandpa-of.ts'

/** Blocks from the announcement to the change. */
const DELAY = 4

/** `Grandpa.note_stalled`, signed by Alice, who is sudo: the next session begins with a forced change. */
async function noteStalled(rpcAddress: string, delay: number, bestFinalized: number): Promise<Uint8Array> {
  const api = await ApiPromise.create({ provider: new WsProvider(rpcAddress) as unknown as ProviderInterface, noInitWarn: true })
  try {
    const call = api.tx.grandpa?.noteStalled?.(delay, bestFinalized)
    const extrinsic = api.tx.sudo?.sudo?.(call)
    await extrinsic?.signAsync(new Keyring({ type: 'sr25519' }).addFromUri('//Alice'), { nonce: 0, era: 0 })
    return extrinsic?.toU8a() as Uint8Array
  } finally {
    await api.disconnect()
  }
}

it('finality goes on behind a forced change, over restarts before and after it, and for who syncs past it', async () => {
  const basePath = await mkdtemp(join(tmpdir(), 'nodestead-forced-'))
  let author = await DevNode.start({ basePath })
  const { clock } = author
  const stops: (() => Promise<void>)[] = [() => rm(basePath, { recursive: true, force: true }), () => author.stop()]
  const restart = async (): Promise<void> => {
    await author.stop()
    author = await DevNode.start({ basePath, clock })
  }
  const forcedAt = (): number | undefined => {
    const { blocks } = author.node
    for (const { hash, number } of blocks.route(blocks.genesisHash, blocks.best().hash)) {
      if (grandpaLogs(blocks.header(hash) as NonNullable<ReturnType<typeof blocks.header>>).some(({ kind }) => kind === 'forced')) return number
    }
    return undefined
  }
  try {
    await author.slots(4)
    await author.node.core.pool.submit(await noteStalled(author.node.rpcAddress as string, DELAY, 1), 'local')
    await author.slots(1)
    expect(author.node.core.pool.status().ready).toBe(0)
    // Up to the next epoch, which has 600 slots.
    for (let i = 0; i < 30 && forcedAt() === undefined; i++) await author.leaps(1, 40)
    const announced = forcedAt() as number
    expect(announced).toBeGreaterThan(5)
    const setId = (): number => grandpaOf(author.node).position.setId
    await author.slots(DELAY - 1)
    await restart()
    expect([author.node.blocks.best().number, setId()]).toEqual([announced + DELAY - 1, 0])
    await author.slots(1)
    expect([author.node.blocks.best().number, setId()]).toEqual([announced + DELAY, 1])
    // The old authorities, who are about to be discharged, no longer vote.
    expect(author.node.blocks.finalized().number).toBeLessThan(announced)
    await restart()
    expect(setId()).toBe(1)
    await author.slots(8)
    const { blocks } = author.node
    expect([setId(), blocks.finalized().number > announced + DELAY]).toEqual([1, true])
    expect(author.problems()).toEqual([])

    const address = author.address
    const follower = await DevNode.start({ validator: false, clock, bootnodes: [address] })
    stops.push(() => follower.stop())
    const finalized = blocks.finalized()
    await author.reach('finality of the follower', () => follower.node.blocks.finalized().number >= finalized.number)
    expect(follower.node.blocks.hashByNumber(finalized.number)).toBe(finalized.hash satisfies Hash)
    expect(grandpaOf(follower.node).position.setId).toBe(1)
    expect(follower.node.sync.events().filter(({ kind }) => kind === 'peer-charged')).toEqual([])
  } finally {
    for (const stop of stops.reverse()) await stop()
  }
}, 180_000)
